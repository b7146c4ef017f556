import { describe, expect, test } from 'vitest';
import { messageReader } from '../../dashboards/client/messages.ts';
import { thinned } from '../../dashboards/parts/edge.ts';
import { drawingQueue } from '../../dashboards/parts/drawing.ts';

describe('the text of an event stream', () => {
  const text = 'retry: 1000\n\nid: 7\ndata: {"a":"上楼"}\n\ndata: {"b":2}\n\n: nothing\n\nid: 9\ndata: 1\ndata: 2\n\n';
  const messages = [
    { id: '7', data: '{"a":"上楼"}' },
    { id: '', data: '{"b":2}' },
    { id: '9', data: '1\n2' },
  ];

  test('is cut into the same messages in the same order, wherever the wire cuts it', () => {
    for (let first = 0; first <= text.length; first += 1)
      for (let second = first; second <= text.length; second += 1) {
        const read = messageReader();
        const heard = [text.slice(0, first), text.slice(first, second), text.slice(second)].flatMap((part) => read(part));
        expect(heard).toEqual(messages);
      }
  });

  test('says nothing of a message that is not whole', () => {
    expect(messageReader()('id: 7\ndata: {"a":1}\n')).toEqual([]);
  });
});

describe('pictures that are drawn', () => {
  /** Frames and time by hand: each drawing takes 2 ms. */
  function desk() {
    const frames: (() => void)[] = [];
    let now = 0;
    const drawn: string[] = [];
    const drawSoon = drawingQueue({ onFrame: (run) => void frames.push(run), ticksMs: () => now });
    const picture = (name: string) => () => {
      now += 2;
      drawn.push(name);
    };
    const frame = () => {
      drawn.length = 0;
      for (const run of frames.splice(0)) run();
      return [...drawn];
    };
    return { drawSoon, picture, frame, frames };
  }

  test('share the frames: what does not fit into one is drawn in the next, in order, and nothing asks for a frame after that', () => {
    const { drawSoon, picture, frame, frames } = desk();
    for (const name of ['a', 'b', 'c', 'd', 'e']) drawSoon(picture(name));
    expect(frames.length).toBe(1);
    expect(frame()).toEqual(['a', 'b', 'c']);
    expect(frame()).toEqual(['d', 'e']);
    expect(frames.length).toBe(0);
  });

  test('are drawn once, however often they asked before their turn, and not at all once called off', () => {
    const { drawSoon, picture, frame } = desk();
    const [a, b] = [picture('a'), picture('b')];
    drawSoon(a);
    const callOff = drawSoon(b);
    drawSoon(a);
    callOff();
    expect(frame()).toEqual(['a']);
    drawSoon(b);
    expect(frame()).toEqual(['b']);
  });

  test('do not lose their turn to one that fails', () => {
    const { drawSoon, picture, frame } = desk();
    drawSoon(() => {
      throw new Error('no canvas');
    });
    drawSoon(picture('a'));
    expect(frame).toThrow('no canvas');
    expect(frame()).toEqual(['a']);
  });
});

describe('the points of a line that share a column of pixels', () => {
  test('are the last alone where all are within a pixel', () => {
    expect(thinned([1, 10, 1, 11, 2, 12])).toEqual([1, 11, 2, 12]);
  });

  test('keep their needle up and their needle down', () => {
    expect(thinned([1, 10, 1, 2, 1, 40, 1, 11, 2, 12])).toEqual([1, 10, 1, 2, 1, 40, 1, 11, 2, 12]);
    expect(thinned([1, 10, 1, 10, 1, 2, 1, 10])).toEqual([1, 10, 1, 2, 1, 10, 1, 10]);
  });
});
