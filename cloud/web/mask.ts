import type { Responder, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { maskPhone } from '../registry/masking.ts';

export function maskResponder(responder: Responder): Responder {
  return responder.phone === null ? responder : { ...responder, phone: maskPhone(responder.phone) };
}

export function maskEvent(event: StreamEvent): StreamEvent {
  return event.type === 'responder' ? { ...event, responder: maskResponder(event.responder) } : event;
}
