import { type ReactNode, useState } from 'react';

interface Props {
  src: string;
  alt: string;
  loading: string;
  /** What is said, and can be pressed, where it does not come. */
  failed: { title: string; next: string; retry: string };
  /** What can be done with it once it is here. */
  children?: ReactNode;
}

/** A picture that says how it stands: on its way, here, or not to be had. Given a `key` by its address, so that no picture shows under another's words. */
export function Picture({ src, alt, loading, failed, children }: Props) {
  const [state, setState] = useState<'loading' | 'here' | 'failed'>('loading');
  const [tries, setTries] = useState(0);
  const again = () => {
    setState('loading');
    setTries(tries + 1);
  };
  if (state === 'failed') {
    return (
      <div className="picture-word" role="status">
        <strong>{failed.title}</strong>
        <span>{failed.next}</span>
        <button type="button" className="button small" onClick={again}>
          {failed.retry}
        </button>
      </div>
    );
  }
  return (
    <>
      {state === 'loading' ? (
        <div className="picture-word quiet" role="status">
          {loading}
        </div>
      ) : null}
      <img
        key={tries}
        className={state === 'here' ? 'picture-image' : 'picture-image waiting'}
        src={src}
        alt={alt}
        decoding="async"
        onLoad={() => setState('here')}
        onError={() => setState('failed')}
      />
      {state === 'here' ? children : null}
    </>
  );
}
