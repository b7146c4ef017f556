interface Props {
  title: string;
  detail: string;
  age: string;
}

/** Pushes the layout down instead of covering it: what is hidden under a banner is what somebody needed. */
export function StaleBanner({ title, detail, age }: Props) {
  return (
    <div className="stale-banner" role="alert">
      <strong>{title}</strong>
      <span>{detail}</span>
      <span className="age" aria-hidden="true">
        {age}
      </span>
    </div>
  );
}
