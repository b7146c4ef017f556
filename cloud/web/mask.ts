import type { Responder, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';

/** 138****1234; a shorter number shows nothing but its last two digits. */
export function maskPhone(phone: string): string {
  if (phone.length < 9) return `****${phone.slice(-2)}`;
  return `${phone.slice(0, 3)}****${phone.slice(-4)}`;
}

export function maskResponder(responder: Responder): Responder {
  return responder.phone === null ? responder : { ...responder, phone: maskPhone(responder.phone) };
}

export function maskEvent(event: StreamEvent): StreamEvent {
  return event.type === 'responder' ? { ...event, responder: maskResponder(event.responder) } : event;
}
