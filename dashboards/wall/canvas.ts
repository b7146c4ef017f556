import { keepSetting, readSetting } from '../client/settings.ts';

/** The wall's own pixels: what its controller is fed with, whatever the window measures. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
}

const usualCanvas: Canvas = { width: 1920, height: 1080 };
const leastPixels = 640;
const mostPixels = 16_384;
const setting = 'wallCanvas';

/** `3840x1080` (or with ×); null where it is no size a wall has. */
export function parseCanvas(text: string | null): Canvas | null {
  const found = /^(\d{3,5})[x×*](\d{3,5})$/i.exec(text?.trim() ?? '');
  if (found === null) return null;
  const [width, height] = [Number(found[1]), Number(found[2])];
  const fits = [width, height].every((pixels) => pixels >= leastPixels && pixels <= mostPixels);
  return fits ? { width, height } : null;
}

/** The size the address asks for, kept for this machine; else the one kept; else 1920×1080. */
export function chooseCanvas(search: string): Canvas {
  const asked = new URLSearchParams(search).get('canvas');
  const wanted = parseCanvas(asked);
  if (wanted !== null) keepSetting(setting, `${wanted.width}x${wanted.height}`);
  return wanted ?? parseCanvas(readSetting(setting)) ?? usualCanvas;
}

/** A design is 1080 high and at least 1920 wide (or 1920 wide and higher), so that its smallest text is 32 px for a 1080 px wall. */
export interface Design extends Canvas {
  /** Beside each other fit four columns instead of three. */
  readonly wide: boolean;
}

const wideFrom = 2600;

export function designOf({ width, height }: Canvas): Design {
  const unit = Math.min(height / usualCanvas.height, width / usualCanvas.width);
  const design = { width: Math.round(width / unit), height: Math.round(height / unit) };
  return { ...design, wide: design.width >= wideFrom };
}

/** One scale for both directions: the whole canvas is in the window and nothing is stretched. */
export function containScale(design: Canvas, window: Canvas): number {
  return Math.min(window.width / design.width, window.height / design.height);
}
