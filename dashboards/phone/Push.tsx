import { useEffect, useState } from 'react';
import { useWords } from '../words/language.ts';
import { useDesk } from './desk.ts';
import { type PushState, pushState, startPush, stopPush } from './push.ts';

/** 提醒: an extra where the browser can. Nothing is said where it cannot: nobody depends on it. */
export function Push() {
  const { t } = useWords();
  const [state, setState] = useState<PushState>('impossible');
  const user = useDesk((desk) => desk.copy?.user.id);
  const offline = useDesk((desk) => desk.offline);
  useEffect(() => {
    // Without a network the cloud cannot say whether it pushes; it is asked when it can be.
    if (user !== undefined && !offline) void pushState().then(setState);
  }, [user, offline]);
  if (state === 'impossible') return null;
  if (state === 'refused') return <p data-push={state}>{t('phone.push.refused')}</p>;
  const press = async () => {
    if (state === 'off') return setState(await startPush());
    await stopPush().catch(() => undefined);
    setState(await pushState());
  };
  return (
    <button type="button" className="phone-button" aria-pressed={state === 'on'} data-push={state} onClick={() => void press()}>
      {t(`phone.push.${state}`)}
    </button>
  );
}
