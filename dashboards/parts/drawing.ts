/** So much of a frame's 16 ms goes into drawing pictures; as much again goes into painting them, and the hand needs the rest. */
const budgetMs = 5;

/** What the queue asks of its page; a test has another. */
interface FrameClock {
  onFrame: (run: () => void) => void;
  /** Any steady clock, ms. */
  ticksMs: () => number;
}

/**
 * Draws in the page's next frames, as many as fit into one and the others in the one after, in the order they were asked for. Whoever
 * asks again before it was its turn is drawn once, so `draw` is to draw what is newest then. The same function is the same picture.
 */
export function drawingQueue({ onFrame, ticksMs }: FrameClock): (draw: () => void) => () => void {
  const waiting = new Set<() => void>();
  let asked = false;
  const ask = () => {
    if (asked || waiting.size === 0) return;
    asked = true;
    onFrame(drawSome);
  };
  const drawSome = () => {
    asked = false;
    const end = ticksMs() + budgetMs;
    try {
      for (const draw of waiting) {
        waiting.delete(draw);
        draw();
        if (ticksMs() >= end) break;
      }
    } finally {
      ask();
    }
  };
  return (draw) => {
    waiting.add(draw);
    ask();
    return () => waiting.delete(draw);
  };
}
