import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { useEffect } from 'react';
import { cloudNow } from '../client/clock.ts';
import { whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { acknowledgeTest, sayShown } from './act.ts';
import { useDesk } from './desk.ts';

/** 告警试验: an installer tries the path and waits for a hand here. It is no alarm: no sound, no card, nobody is sent. */
export function TestStrip() {
  const tests = useDesk((desk) => desk.board?.tests);
  return Object.values(tests ?? {}).map((alarm) => <Strip key={`${alarm.id} ${alarm.episode}`} alarm={alarm} />);
}

function Strip({ alarm }: { alarm: Alarm }) {
  const { t, text } = useWords();
  const { id } = alarm;
  // Said when it is on the screen, once for each test.
  useEffect(() => {
    const shown = useDesk.getState().board?.tests[id];
    if (shown !== undefined) void sayShown(shown);
  }, [id]);
  return (
    <section className="test-strip" role="status" aria-label={t('alarmTest.title')}>
      <strong>{t('alarmTest.title')}</strong>
      <span>{t('alarmTest.detail', { device: text(alarm.deviceName), at: whenText(alarm.raisedAt, cloudNow()) })}</span>
      <button type="button" className="button" onClick={() => void acknowledgeTest(alarm)}>
        {t('alarmTest.ack')}
      </button>
    </section>
  );
}
