export const propertyZh = { property: { title: '物业' } } as const;
