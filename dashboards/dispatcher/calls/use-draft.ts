import { useEffect, useRef, useState } from 'react';
import type { CallDetail, CallTemplate } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { Area, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../../client/api.ts';
import { newKey } from '../../client/key.ts';
import { useWords } from '../../words/language.ts';
import { useDesk } from '../desk.ts';
import { chainOf, usualScope } from './areas.ts';
import {
  type About,
  audienceOf,
  bodyOf,
  type Draft,
  draftFrom,
  emptyDraft,
  keepValues,
  missingIn,
  templateFor,
  valueFor,
} from './draft.ts';
import { ownAreas } from '../own-areas.ts';
import { openCall, pathOf } from './read.ts';
import { usePreview } from './use-preview.ts';

/** What the dialog holds: the draft, what it can choose from, whom it would reach, and how it is sent. */
export type HeldDraft = ReturnType<typeof useDraft>;

export function useDraft(about: About, onSent: () => void) {
  const { t } = useWords();
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [chain, setChain] = useState<readonly Area[]>([]);
  const [templates, setTemplates] = useState<readonly CallTemplate[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [missing, setMissing] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [ready, setReady] = useState(false);
  // The incident in front when M was pressed, whatever is chosen meanwhile.
  const [incident] = useState(() => useDesk.getState().detail);
  const change = (part: Partial<Draft>) => {
    setMissing(null);
    setDraft((before) => ({ ...before, ...part }));
  };
  const failed = (error: unknown) => {
    if (!isApiError(error)) throw error;
    setProblem(error.problem);
  };
  useEffect(() => {
    start(about)
      .then((begun) => {
        setChain(begun.chain);
        setTemplates(begun.templates);
        setDraft(begun.draft);
        setReady(true);
      })
      .catch(failed);
    // What it is about is fixed when it opens.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const { preview, problem: previewProblem } = usePreview(audienceOf(draft));
  const template = templates.find(({ id }) => id === draft.template);
  const pick = (chosen: CallTemplate | null) => {
    const where = draft.areas[0];
    const values = Object.fromEntries((chosen?.placeholders ?? []).map((name) => [name, valueFor(name, incident, where)]));
    change({ template: chosen?.id ?? null, values });
  };
  const check = (): boolean => {
    const names = missingIn(draft, template, { title: t('calls.ownTitle'), text: t('calls.ownText') });
    if (draft.areas.length === 0) setMissing(t('calls.noScope'));
    else if (names.length > 0) setMissing(t('calls.missing', { names: names.join('、') }));
    else if (preview === null) setMissing(t(previewProblem === null ? 'calls.counting' : 'calls.countFailed'));
    else if (preview.people === 0) setMissing(t('calls.nobody'));
    else return true;
    return false;
  };
  const post = useSending(about);
  const send = async (): Promise<void> => {
    setSending(true);
    setProblem(null);
    try {
      const supersedes = about.supersede?.id ?? about.edit?.supersedes ?? null;
      const whose = about.supersede ?? about.edit;
      const of = whose === undefined ? (incident?.id ?? null) : whose.incident;
      const sent = await post(bodyOf(draft, template, { incident: of, supersedes }));
      keepValues(draft);
      onSent();
      openCall(sent.id);
    } catch (error) {
      failed(error);
    } finally {
      setSending(false);
    }
  };
  return {
    ready,
    draft,
    change,
    chain,
    templates,
    template,
    pick,
    preview,
    previewProblem,
    problem,
    missing,
    sending,
    check,
    send,
  };
}

/** Everything likely chosen: the building, the template that fits, its blanks as far as they are known. */
async function start({ supersede, edit }: About): Promise<{ chain: Area[]; templates: CallTemplate[]; draft: Draft }> {
  const { detail: incident } = useDesk.getState();
  const old = supersede ?? edit;
  const where = old?.audience.areas[0] ?? incident?.area ?? (await ownAreas())[0]?.path ?? '';
  const [all, chain] = await Promise.all([
    call<CallTemplate[]>('GET', '/api/call-templates'),
    where === '' ? Promise.resolve([]) : chainOf(where),
  ]);
  const templates = all.filter(({ retired }) => !retired);
  if (old !== undefined) {
    const named = await Promise.all(old.audience.areas.map(async (path) => (await chainOf(path)).at(-1)));
    return {
      chain,
      templates,
      draft: draftFrom(
        old,
        named.filter((one) => one !== undefined),
      ),
    };
  }
  const scope = usualScope(chain);
  const template = templateFor(templates, incident);
  const values = Object.fromEntries((template?.placeholders ?? []).map((name) => [name, valueFor(name, incident, scope)]));
  return {
    chain,
    templates,
    draft: { ...emptyDraft, areas: scope === undefined ? [] : [scope], template: template?.id ?? null, values },
  };
}

/**
 * Writes the draft and hands it in. Tried again, it does neither twice: the draft that was made is changed and not made
 * anew, and each request keeps its key while it says the same.
 */
function useSending(about: About): (body: Record<string, unknown>) => Promise<CallDetail> {
  const made = useRef<{ call: CallDetail; said: string } | null>(null);
  const keys = useRef(new Map<string, string>());
  const keyFor = (what: string) => {
    const key = keys.current.get(what) ?? newKey();
    keys.current.set(what, key);
    return key;
  };
  return async (body) => {
    const said = JSON.stringify(body);
    const before = made.current?.call ?? about.edit ?? null;
    if (before === null) {
      made.current = { call: await call<CallDetail>('POST', '/api/calls', { ...body, key: keyFor(said) }), said };
    } else if (made.current?.said !== said) {
      made.current = { call: await call<CallDetail>('PUT', pathOf(before.id), { ...body, version: before.version }), said };
    }
    const { id, version } = made.current.call;
    return call<CallDetail>('POST', `${pathOf(id)}/moves`, { move: 'submit', version, key: keyFor(`submit ${version}`) });
  };
}
