interface Devices {
  total: number;
  online: number;
  late: number;
  offline: number;
  unknown: number;
}

/** Shares of online, late, offline and unknown; unknown is hatched and never looks like the others. */
export function HealthBar({ devices, label }: { devices: Devices; label: string }) {
  return (
    <span className="health-bar" role="img" aria-label={label}>
      {(['online', 'late', 'offline', 'unknown'] as const).map((name) =>
        devices[name] === 0 ? null : <span key={name} className={name} style={{ flexGrow: devices[name] }} />,
      )}
    </span>
  );
}
