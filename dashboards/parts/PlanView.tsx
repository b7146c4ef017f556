import type { ReactNode } from 'react';
import type { FloorPlan, PlanItem, Spot } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Standing } from './standing.ts';

export type Sheet = Pick<FloorPlan, 'width' | 'height' | 'items' | 'id' | 'picture'>;

function levelIn(standing: Standing): 1 | 2 | 3 | 4 | null {
  return standing === 'unknown' || standing === 'none' || standing === 'normal' ? null : levelOf(standing);
}

function standingClass(standing: Standing): string {
  const level = levelIn(standing);
  return level === null ? standing : `plan-level-${level}`;
}

/** Address of a plan's picture; null where it is drawn from its items alone. */
export function pictureOf({ id, picture }: Pick<FloorPlan, 'id' | 'picture'>): string | null {
  return picture === null ? null : `/api/floor-plans/${encodeURIComponent(id)}/picture?mark=${picture}`;
}

interface Props {
  plan: Sheet;
  /** What the plan shows, for those who do not see it. */
  label: string;
  areaOf?: (path: string) => { name: string; standing: Standing };
  deviceOf?: (gateway: string, device: string) => { name: string; standing: Standing };
  /** The device that this is about; it is drawn last and ringed. */
  marked?: { gateway: string; device: string } | null;
  /** Shows the part around the marked device instead of the whole sheet. */
  close?: boolean;
  /** Height of letters as a part of the sheet's width. */
  letters?: number;
}

const usualLetters = 0.02;
/** Letters larger than this leave no room for the names of assembly points. */
const crowdedLetters = 0.03;
const closeShare = 0.42;

/** 平面图: picture or drawing, areas by their state, devices, assembly points. It looks; `PlanEditor` moves. */
export function PlanView({ plan, label, areaOf, deviceOf, marked = null, close = false, letters = usualLetters }: Props) {
  const isMarked = (item: PlanItem) =>
    item.kind === 'device' && item.gateway === marked?.gateway && item.device === marked.device;
  const spot = plan.items.find(isMarked);
  const box = close && spot?.kind === 'device' ? boxAround(plan, spot.at) : `0 0 ${plan.width} ${plan.height}`;
  const share = close && spot !== undefined ? closeShare : 1;
  const size = letters * plan.width * share;
  const isClose = share !== 1;
  const marks = isClose ? size : Math.min(letters, usualLetters) * plan.width;
  return (
    <svg className="plan" viewBox={box} role="img" aria-label={label}>
      <PlanBase plan={plan} />
      {plan.items.map((item) => {
        if (item.kind !== 'area') return null;
        const { name, standing: own } = areaOf?.(item.area) ?? { name: '', standing: 'normal' as const };
        // Close to one device its own mark is what has a colour.
        const standing = isClose && own !== 'unknown' ? 'normal' : own;
        return <AreaShape key={item.area} sheet={plan} ring={item.ring} name={name} standing={standing} size={size} />;
      })}
      {plan.items.map((item) => {
        if (item.kind === 'assembly')
          return (
            <AssemblyMark
              key={`assembly ${item.name} ${item.at.join()}`}
              sheet={plan}
              at={item.at}
              name={letters > crowdedLetters ? '' : item.name}
              size={size}
            />
          );
        if (item.kind !== 'device' || isMarked(item)) return null;
        const standing = deviceOf?.(item.gateway, item.device).standing ?? 'none';
        return <DeviceMark key={`${item.gateway}/${item.device}`} sheet={plan} at={item.at} standing={standing} size={marks} />;
      })}
      {spot?.kind === 'device' ? (
        <DeviceMark
          sheet={plan}
          at={spot.at}
          standing={deviceOf?.(spot.gateway, spot.device).standing ?? 'critical'}
          size={marks * 1.2}
          ringed
        />
      ) : null}
    </svg>
  );
}

/** The part of the sheet around a spot, kept inside of the sheet. */
function boxAround({ width, height }: Sheet, [x, y]: Spot): string {
  const [wide, high] = [width * closeShare, height * closeShare];
  const left = Math.min(Math.max(0, x * width - wide / 2), width - wide);
  const top = Math.min(Math.max(0, y * height - high / 2), height - high);
  return `${left} ${top} ${wide} ${high}`;
}

/** What lies under everything: the sheet, its picture, and what a sheet without one is drawn from. */
export function PlanBase({ plan }: { plan: Sheet }) {
  const picture = pictureOf(plan);
  return (
    <>
      <defs>
        <pattern
          id="plan-hatch"
          patternUnits="userSpaceOnUse"
          width={plan.width / 80}
          height={plan.width / 80}
          patternTransform="rotate(45)"
        >
          <rect className="plan-hatch-ground" width={plan.width / 80} height={plan.width / 80} />
          <line className="plan-hatch-line" y2={plan.width / 80} strokeWidth={plan.width / 200} />
        </pattern>
      </defs>
      <rect className="plan-sheet" width={plan.width} height={plan.height} />
      {picture === null ? null : <image href={picture} width={plan.width} height={plan.height} preserveAspectRatio="none" />}
      {plan.items.map((item) =>
        item.kind === 'ground' ? (
          <polygon
            key={`${item.ground} ${item.ring.join()}`}
            className={`plan-ground ${item.ground}`}
            points={pointsOf(plan, item.ring)}
          />
        ) : null,
      )}
    </>
  );
}

export function pointsOf({ width, height }: Pick<Sheet, 'width' | 'height'>, ring: readonly Spot[]): string {
  return ring.map(([x, y]) => `${x * width},${y * height}`).join(' ');
}

/** Middle of a ring's box: where its name stands. */
export function middleOf(ring: readonly Spot[]): Spot {
  const middle = (axis: 0 | 1) => (Math.min(...ring.map((spot) => spot[axis])) + Math.max(...ring.map((spot) => spot[axis]))) / 2;
  return [middle(0), middle(1)];
}

interface AreaProps {
  sheet: Sheet;
  ring: readonly Spot[];
  name: string;
  standing: Standing;
  size: number;
  children?: ReactNode;
}

export function AreaShape({ sheet, ring, name, standing, size, children }: AreaProps) {
  const [x, y] = middleOf(ring);
  const isUnknown = standing === 'unknown';
  const level = levelIn(standing);
  const wide = name.length * size;
  return (
    <g className={`plan-area ${standingClass(standing)}`}>
      <polygon points={pointsOf(sheet, ring)} strokeWidth={size / 9} {...(isUnknown ? { fill: 'url(#plan-hatch)' } : {})} />
      {name === '' ? null : (
        <>
          {isUnknown ? (
            <rect
              className="plan-name-ground"
              x={x * sheet.width - wide / 2}
              y={y * sheet.height - size * 0.7}
              width={wide}
              height={size * 1.4}
              rx={size / 4}
            />
          ) : null}
          {level === null ? null : (
            <g
              className="plan-outline"
              transform={`translate(${x * sheet.width - wide / 2} ${y * sheet.height}) scale(${size * 0.4})`}
            >
              {outlines[level]}
            </g>
          )}
          <text
            x={x * sheet.width + (level === null ? 0 : size * 0.6)}
            y={y * sheet.height}
            fontSize={size}
            textAnchor="middle"
            dominantBaseline="central"
          >
            {name}
          </text>
        </>
      )}
      {children}
    </g>
  );
}

interface MarkProps {
  sheet: Sheet;
  at: Spot;
  size: number;
}

const outlines: Record<1 | 2 | 3 | 4, ReactNode> = {
  1: <path d="M0-1.25 1.25 0 0 1.25-1.25 0Z" />,
  2: <path d="M0-1.15 1.2 1H-1.2Z" />,
  3: <rect x="-1" y="-1" width="2" height="2" />,
  4: <circle r="1.05" />,
};

/** ◆▲■● by level; a filled dot where all is well, a hollow one where that is not said, dashed where it is not heard. */
export function DeviceMark({
  sheet,
  at: [x, y],
  size,
  standing,
  ringed = false,
}: MarkProps & { standing: Standing; ringed?: boolean }) {
  const level = levelIn(standing);
  return (
    <g
      className={`plan-device ${standingClass(standing)}`}
      transform={`translate(${x * sheet.width} ${y * sheet.height}) scale(${size * 0.55})`}
    >
      {ringed ? <circle className="plan-ring" r="2.4" /> : null}
      {level === null ? <circle r="0.8" /> : outlines[level]}
    </g>
  );
}

export function AssemblyMark({ sheet, at: [x, y], size, name }: MarkProps & { name: string }) {
  return (
    <g className="plan-assembly" transform={`translate(${x * sheet.width} ${y * sheet.height})`}>
      <g transform={`scale(${size * 0.6})`}>
        <rect x="-1.3" y="-1.3" width="2.6" height="2.6" rx="0.4" />
        <path d="M-0.8-0.8 0 0M0.8-0.8 0 0M-0.8 0.8 0 0M0.8 0.8 0 0" />
      </g>
      {name === '' ? null : (
        <text y={size * 1.6} fontSize={size * 0.9} textAnchor={anchorAt(x)} dominantBaseline="central">
          {name}
        </text>
      )}
    </g>
  );
}

/** A name at the edge of the sheet runs inward. */
function anchorAt(x: number): 'start' | 'middle' | 'end' {
  if (x > 0.9) return 'end';
  return x < 0.1 ? 'start' : 'middle';
}
