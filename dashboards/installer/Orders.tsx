import type { LocalDevice } from '@yihu/device-profiles/vocabulary/local.ts';
import type { LocalCommand, LocalOrder } from '@yihu/device-profiles/vocabulary/local-order.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { type FormEvent, useState } from 'react';
import { call } from '../client/api.ts';
import { newKey } from '../client/key.ts';
import { useWords } from '../words/language.ts';
import { problemIn } from './changing.ts';
import { NameDialog } from './NameDialog.tsx';
import { Order } from './Order.tsx';
import { type Args, argsIn, argsText } from './order-form.ts';

interface Props {
  readonly device: LocalDevice;
  readonly onChange: () => void;
}

/** 控制: what the device can be told; asked once more, then each state as it comes, and never more than is known. */
export function Orders({ device, onChange }: Props) {
  const { t, text } = useWords();
  const { commands, orders } = device;
  const [problem, setProblem] = useState<Problem | null>(null);
  if (commands.length === 0 && orders.length === 0) return null;
  return (
    <section className="sheet orders" aria-labelledby="orders-title">
      <h2 id="orders-title">{t('work.order.title')}</h2>
      <p className="quiet">{t('work.order.lead')}</p>
      {commands.length === 0 ? null : <Give device={device} onDone={onChange} onProblem={setProblem} />}
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)}
        </p>
      )}
      <OrderList orders={orders} onChange={onChange} />
    </section>
  );
}

export function OrderList({ orders, onChange }: { orders: readonly LocalOrder[]; onChange: () => void }) {
  return (
    <ul className="order-list" aria-live="polite">
      {orders.map((order) => (
        <Order key={order.id} order={order} onChange={onChange} />
      ))}
    </ul>
  );
}

interface GiveProps {
  readonly device: LocalDevice;
  readonly onDone: () => void;
  readonly onProblem: (problem: Problem | null) => void;
}

function Give({ device, onDone, onProblem }: GiveProps) {
  const { t, text } = useWords();
  const { commands } = device;
  const [chosen, choose] = useState(commands[0]?.id ?? '');
  const [asking, setAsking] = useState<{ args: Args; key: string } | null>(null);
  const command = commands.find(({ id }) => id === chosen) ?? commands[0];
  if (command === undefined) return null;
  const ask = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setAsking({ args: argsIn(command, new FormData(event.currentTarget)), key: newKey() });
  };
  const give = (by: string) => {
    onProblem(null);
    const body = { ...asking, command: command.id, by };
    void call('POST', `/api/devices/${encodeURIComponent(device.id)}/orders`, body)
      .catch((error: unknown) => onProblem(problemIn(error)))
      .finally(onDone);
  };
  const doubt = t(command.isReadBack ? 'work.order.readBack' : 'work.order.notReadBack');
  return (
    <>
      <form className="order-form" onSubmit={ask}>
        <label className="field">
          <span>{t('work.order.command')}</span>
          <span className="select">
            <select className="input" id="order-command" value={command.id} onChange={(event) => choose(event.target.value)}>
              {commands.map(({ id, name }) => (
                <option key={id} value={id}>
                  {text(name)}
                </option>
              ))}
            </select>
          </span>
        </label>
        <Arguments key={command.id} command={command} />
        <button type="submit" className="button" id="order-ask">
          {t('work.order.ask')}
        </button>
      </form>
      {asking === null ? null : (
        <NameDialog
          title={t('work.order.sure', { command: text(command.name), device: text(device.name) })}
          lead={[argsText(command, asking.args, text), doubt, command.needsTwo ? t('work.order.needsTwo') : '']
            .filter(Boolean)
            .join(' ')}
          submit={t('work.order.give')}
          onClose={() => setAsking(null)}
          onName={give}
        />
      )}
    </>
  );
}

function Arguments({ command }: { command: LocalCommand }) {
  const { t, text } = useWords();
  return command.args.map(({ id, name, symbol, type, min, max, choices }) => {
    const label = `${text(name)}${symbol === '' ? '' : ` (${symbol})`}`;
    const options = choices ?? (type === 'boolean' ? yesNo(t) : null);
    if (options !== null)
      return (
        <label key={id} className="field">
          <span>{label}</span>
          <span className="select">
            <select className="input" name={`arg.${id}`}>
              {options.map((choice) => (
                <option key={choice.value} value={choice.value}>
                  {text(choice.name)}
                </option>
              ))}
            </select>
          </span>
        </label>
      );
    const limits =
      type === 'number' ? { type: 'number', step: 'any', ...(min !== null && { min }), ...(max !== null && { max }) } : {};
    return (
      <label key={id} className="field">
        <span>{label}</span>
        <input className="input" name={`arg.${id}`} required autoComplete="off" maxLength={300} {...limits} />
      </label>
    );
  });
}

function yesNo(t: ReturnType<typeof useWords>['t']) {
  return [
    { value: 'true', name: { zh: t('work.order.yes'), en: t('work.order.yes') } },
    { value: 'false', name: { zh: t('work.order.no'), en: t('work.order.no') } },
  ];
}
