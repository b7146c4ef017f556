import type { LocalBegun, LocalPaired, LocalPlanned, LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useState } from 'react';
import { call, isApiError } from '../client/api.ts';

/** One change of the site on its way: what is wanted, its plan, whether it was begun, and the secret that came of it: kept here alone. */
export function useChanging() {
  const [edit, setEdit] = useState<LocalSiteEdit | null>(null);
  const [planned, setPlanned] = useState<LocalPlanned | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [begun, setBegun] = useState<{ paired: LocalPaired | null } | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = (work: Promise<void>) => {
    setBusy(true);
    setProblem(null);
    void work.catch((error: unknown) => setProblem(problemIn(error))).finally(() => setBusy(false));
  };
  const plan = (wanted: LocalSiteEdit) => {
    setEdit(wanted);
    setPlanned(null);
    attempt(call<LocalPlanned>('POST', '/api/change/plan', wanted).then(setPlanned));
  };
  const apply = () => attempt(call<LocalBegun>('POST', '/api/change', edit).then(({ paired }) => setBegun({ paired })));
  return { planned, problem, begun, busy, plan, apply };
}

/** @throws whatever is no answer of the gateway */
export function problemIn(error: unknown): Problem {
  if (!isApiError(error)) throw error;
  return error.problem;
}

/** What stands in a field of a form, without the blanks around it. */
export function readField(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
