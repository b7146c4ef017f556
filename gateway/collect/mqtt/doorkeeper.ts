import type { Client } from 'aedes';
import type { Clock } from '../../clock.ts';
import { type Account, clientIdPattern, type Speaker, topicFault } from './admission.ts';
import type { CounterName } from './counters.ts';
import type { Intake } from './intake.ts';
import { nobodysHash, secretFits } from './secret.ts';
import { type Session, Sessions } from './sessions.ts';

/** CONNACK return codes of MQTT 3.1.1 §3.2.2.3. */
type ReturnCode = 2 | 3 | 4 | 5;
type Refused = Error & { returnCode: ReturnCode };

export function refusal(returnCode: ReturnCode, why: string): Refused {
  return Object.assign(new Error(why), { returnCode });
}

interface Connect {
  readonly clientId: string;
  readonly username?: string | undefined;
  clean?: boolean | undefined;
  will?: { topic: string; qos?: number | undefined; retain?: boolean | undefined } | undefined;
}

interface Rules {
  readonly login?: { readonly key: Buffer; readonly accounts: ReadonlyMap<string, Account> };
  readonly everyone: Speaker;
}

/** Who may come in, and who is in. Wrong secrets, odd client ids and wills get a CONNACK that says no. */
export class Doorkeeper {
  readonly #rules: Rules;
  readonly #intake: Intake;
  readonly #sessions: Sessions;
  readonly #announced = new WeakMap<Client, Connect>();
  readonly #speakers = new WeakMap<Client, Speaker>();

  constructor(rules: Rules, intake: Intake, clock: Clock) {
    this.#rules = rules;
    this.#intake = intake;
    this.#sessions = new Sessions(clock);
  }

  /** Who speaks on this connection; undefined until it has been let in. */
  speaker(client: Client): Speaker | undefined {
    return this.#speakers.get(client);
  }

  /** aedes `preConnect`. Sessions are never kept: there is nothing in them that the log does not have. */
  announce(client: Client, packet: Connect, done: (error: Error | null, success: boolean) => void): void {
    packet.clean = true;
    if (packet.will) packet.will.retain = false;
    this.#announced.set(client, packet);
    done(null, true);
  }

  /** aedes `authenticate`. Synchronous but for a taking-over, so that a storm of connects costs an HMAC each. */
  ask(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
    done: (error: Refused | null, success: boolean | null) => void,
  ): void {
    const refuse = (counter: CounterName, code: ReturnCode, what: string, why: string) => {
      this.#intake.refuse(counter, what, why);
      done(refusal(code, why), null);
    };
    const connect = this.#announced.get(client);
    if (!connect || !clientIdPattern.test(connect.clientId)) {
      return refuse('client_ids_refused', 2, connect?.clientId ?? '', 'a client id is 1 to 64 of A-Z a-z 0-9 _ -');
    }
    const speaker = this.#recognise(username, password);
    if (!speaker) return refuse('logins_refused', 4, username ?? connect.clientId, 'unknown login or wrong secret');
    const fault = willFault(connect.will);
    if (fault) return refuse('wills_refused', 5, connect.will?.topic ?? '', fault);
    this.#enter(client, speaker, connect.clientId, done);
  }

  #recognise(username: string | undefined, password: Buffer | undefined): Speaker | undefined {
    const { login, everyone } = this.#rules;
    if (!login) return everyone;
    const account = username === undefined ? undefined : login.accounts.get(username);
    const given = password ?? Buffer.alloc(0);
    // No shortcut for unknown names: the time tells nobody which logins exist.
    const fits = (account?.hashes.length ? account.hashes : [nobodysHash]).map((hash) => secretFits(login.key, given, hash));
    return account?.hashes.length && fits.includes(true) ? account : undefined;
  }

  #enter(
    client: Client,
    speaker: Speaker,
    clientId: string,
    done: (error: Refused | null, success: boolean | null) => void,
  ): void {
    // Where no login is asked for, all are one speaker, and the client id is the only identity there is.
    const key = this.#rules.login ? speaker.login : clientId;
    const session: Session = { speaker, clientId, close: (closed) => client.close(closed) };
    const entry = this.#sessions.knock(key, session);
    if (entry.verdict === 'refuse') {
      this.#intake.refuse('client_ids_refused', clientId, entry.why);
      if (this.#rules.login) this.#duplicate(speaker);
      return done(refusal(2, entry.why), null);
    }
    const letIn = () => {
      this.#sessions.enter(key, session);
      this.#speakers.set(client, speaker);
      client.conn.once('close', () => this.#sessions.leave(key, session));
      done(null, true);
    };
    if (entry.verdict === 'enter') return letIn();
    this.#intake.refuse('take_overs', key, 'a second connection took over this identity');
    // Once is a device whose old connection died unseen; again within the minute is two devices.
    if (this.#rules.login && entry.again) this.#duplicate(speaker);
    entry.old.close(letIn);
  }

  #duplicate(speaker: Speaker): void {
    for (const { id } of speaker.devices) this.#intake.fault(id, 'duplicate-identity');
  }
}

/** A will is a message like any other: what it may say is decided when it is sent, what it may look like here. */
function willFault(will: Connect['will']): string | undefined {
  if (!will) return undefined;
  if (will.qos === 2) return 'a last will of QoS 2 is not served';
  return topicFault(will.topic);
}
