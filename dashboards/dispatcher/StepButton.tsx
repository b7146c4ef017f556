interface Props {
  label: string;
  sign: string;
  off: boolean;
  onPress: () => void;
}

/** One picture further; at the end it stays where it is, and says so. */
export function StepButton({ label, sign, off, onPress }: Props) {
  return (
    <button
      type="button"
      className="button plain small"
      aria-label={label}
      aria-disabled={off}
      onClick={off ? undefined : onPress}
    >
      {sign}
    </button>
  );
}
