import { useState } from 'react';
import type { FloorPlan, PlanItem } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { moveItem, type Picked, removeCorner } from './plan-items.ts';

/** Plan and items as they are worked on; what was saved last is `saved`. */
export function useEditing(first: FloorPlan) {
  const [saved, setSaved] = useState(first);
  const [items, setItems] = useState<readonly PlanItem[]>(first.items);
  const [picked, setPicked] = useState<Picked | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const change = (nth: number, to: (item: PlanItem) => PlanItem) =>
    setItems((before) => before.map((item, at) => (at === nth ? to(item) : item)));
  const remove = ({ item: nth, corner }: Picked) => {
    if (corner !== null) change(nth, (item) => removeCorner(item, corner));
    else setItems((before) => before.toSpliced(nth, 1));
    setPicked(corner === null ? null : { item: nth, corner: null });
  };
  const add = (item: PlanItem) => {
    setItems((before) => [...before, item]);
    setPicked({ item: items.length, corner: null });
  };
  const send = (request: Promise<FloorPlan>, take: (plan: FloorPlan) => void) => {
    setBusy(true);
    request
      .then(
        (plan) => {
          setProblem(null);
          take(plan);
        },
        (error: unknown) => {
          if (!isApiError(error)) throw error;
          setProblem(error.problem);
        },
      )
      .finally(() => setBusy(false));
  };
  const address = `/api/floor-plans/${encodeURIComponent(saved.id)}`;
  return {
    saved,
    items,
    picked,
    problem,
    isBusy,
    isChanged: items !== saved.items,
    pick: setPicked,
    change,
    remove,
    add,
    move: (one: Picked, dx: number, dy: number) => change(one.item, (item) => moveItem(item, dx, dy, one.corner)),
    undo: () => {
      setItems(saved.items);
      setPicked(null);
    },
    save: () =>
      send(call<FloorPlan>('PUT', `${address}/items`, { version: saved.version, items }), (plan) => {
        setSaved(plan);
        setItems(plan.items);
        setPicked(null);
      }),
    putPicture: (file: File) =>
      send(call<FloorPlan>('PUT', `${address}/picture`, file), (plan) => setSaved({ ...plan, items: saved.items })),
  };
}

export type Editing = ReturnType<typeof useEditing>;
