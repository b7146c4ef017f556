import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import type { PlanItem, Spot } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import { AreaShape, AssemblyMark, DeviceMark, PlanBase, pointsOf, type Sheet } from '../parts/PlanView.tsx';
import type { Standing } from '../parts/standing.ts';
import type { Picked } from './plan-items.ts';
import { useWords } from '../words/language.ts';

interface Props {
  sheet: Sheet;
  picked: Picked | null;
  zoom: number;
  nameOf: (item: PlanItem) => string;
  standingOf: (item: PlanItem) => Standing;
  onPick: (picked: Picked | null) => void;
  onMove: (picked: Picked, dx: number, dy: number) => void;
  onRemove: (picked: Picked) => void;
}

const steps: Record<string, Spot> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** One press moves by a hundredth of the sheet; with Shift by a thousandth. */
const coarse = 0.01;
const fine = 0.001;

/** The sheet to work on: everything is moved by pointer and by arrow keys alike. */
export function PlanCanvas({ sheet, picked, zoom, nameOf, standingOf, onPick, onMove, onRemove }: Props) {
  const { t } = useWords();
  const board = useRef<SVGSVGElement>(null);
  const drag = useRef<{ picked: Picked; at: Spot } | null>(null);
  const size = (0.02 * sheet.width) / Math.sqrt(zoom);

  const spotOf = (event: PointerEvent): Spot | null => {
    const matrix = board.current?.getScreenCTM()?.inverse();
    if (matrix === undefined) return null;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return [point.x / sheet.width, point.y / sheet.height];
  };
  const take = (one: Picked) => (event: PointerEvent) => {
    event.stopPropagation();
    onPick(one);
    const at = spotOf(event);
    if (at === null) return;
    drag.current = { picked: one, at };
    board.current?.setPointerCapture(event.pointerId);
  };
  const pull = (event: PointerEvent) => {
    const at = spotOf(event);
    if (drag.current === null || at === null) return;
    onMove(drag.current.picked, at[0] - drag.current.at[0], at[1] - drag.current.at[1]);
    drag.current = { ...drag.current, at };
  };
  const press = (one: Picked) => (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const by = event.shiftKey ? fine : coarse;
      onMove(one, step[0] * by, step[1] * by);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      onRemove(one);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onPick(one);
    }
  };
  const handle = (one: Picked, label: string) => ({
    role: 'button' as const,
    tabIndex: 0,
    'aria-label': label,
    'aria-pressed': picked?.item === one.item && picked.corner === one.corner,
    onPointerDown: take(one),
    onKeyDown: press(one),
    onFocus: () => onPick(one),
  });
  const chosen = picked === null ? undefined : sheet.items[picked.item];
  return (
    <svg
      ref={board}
      className="plan plan-board"
      viewBox={`0 0 ${sheet.width} ${sheet.height}`}
      role="group"
      aria-label={t('plans.board')}
      style={{ width: `${zoom * 100}%` }}
      onPointerDown={() => onPick(null)}
      onPointerMove={pull}
      onPointerUp={() => (drag.current = null)}
      onPointerCancel={() => (drag.current = null)}
    >
      <PlanBase plan={{ ...sheet, items: [] }} />
      {sheet.items.map((item, nth) => (
        // An item is its place in the list: two grounds may be alike.
        // oxlint-disable-next-line react/no-array-index-key
        <g key={nth} className={picked?.item === nth ? 'picked' : ''} {...handle({ item: nth, corner: null }, nameOf(item))}>
          <Item sheet={sheet} item={item} name={nameOf(item)} standing={standingOf(item)} size={size} />
        </g>
      ))}
      {picked !== null && chosen !== undefined && 'ring' in chosen ? (
        <g className="plan-corners">
          {chosen.ring.map(([x, y], nth) => (
            <circle
              // Corners are known by their order.
              // oxlint-disable-next-line react/no-array-index-key
              key={nth}
              className={picked.corner === nth ? 'picked' : ''}
              cx={x * sheet.width}
              cy={y * sheet.height}
              r={size * 0.6}
              strokeWidth={size * 0.15}
              {...handle({ item: picked.item, corner: nth }, t('plans.corner', { nth: nth + 1, name: nameOf(chosen) }))}
            />
          ))}
        </g>
      ) : null}
    </svg>
  );
}

interface ItemProps {
  sheet: Sheet;
  item: PlanItem;
  name: string;
  standing: Standing;
  size: number;
}

function Item({ sheet, item, name, standing, size }: ItemProps) {
  if (item.kind === 'area') return <AreaShape sheet={sheet} ring={item.ring} name={name} standing={standing} size={size} />;
  if (item.kind === 'ground') return <polygon className={`plan-ground ${item.ground}`} points={pointsOf(sheet, item.ring)} />;
  if (item.kind === 'assembly') return <AssemblyMark sheet={sheet} at={item.at} name={item.name} size={size} />;
  return <DeviceMark sheet={sheet} at={item.at} standing={standing} size={size} />;
}
