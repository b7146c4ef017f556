import type { LocalProbeRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import type { LocalProfileWords, LocalSavedProfile } from '@yihu/device-profiles/vocabulary/local-profile.ts';
import { useState } from 'react';
import { useOnce } from './desk.ts';
import { Failure } from './Failure.tsx';
import { FindValue } from './FindValue.tsx';
import { forgetMaking, beginMaking } from './making.ts';
import { NewProfile, SavedProfile } from './NewProfile.tsx';

/** 做档案, beside the registers: values are found in them → what device it is → checked and read once → saved → added. */
export function Making({ asked }: { asked: LocalProbeRequest }) {
  const { data: words, problem, read } = useOnce<LocalProfileWords>('/api/profile/words');
  const [saved, setSaved] = useState<LocalSavedProfile | null>(null);
  const again = () => {
    forgetMaking();
    beginMaking(asked);
    setSaved(null);
  };
  if (words === null) return problem === null ? null : <Failure problem={problem} onRetry={read} />;
  return (
    <div className="stack making">
      {saved === null ? (
        <>
          <FindValue asked={asked} words={words} />
          <NewProfile asked={asked} words={words} onSaved={setSaved} />
        </>
      ) : (
        <SavedProfile saved={saved} unit={asked.unit} onAnother={again} />
      )}
    </div>
  );
}
