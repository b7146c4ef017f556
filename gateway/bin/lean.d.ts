export const nodeFlags: string[];
export const allocator: Record<string, string>;
export const sources: Map<string, string>;
export function beLean(): void;
export function loadWithoutTypes(): void;
