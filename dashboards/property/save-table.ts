import { type Cell, tableText } from '@yihu/device-profiles/vocabulary/table.ts';

/** Hands a table to the viewer as a CSV file. */
export function saveTable(name: string, rows: readonly (readonly Cell[])[]): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([tableText(rows)], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
