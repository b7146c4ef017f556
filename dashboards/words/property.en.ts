import type { propertyZh } from './property.zh.ts';
import type { Catalogue } from './zh.ts';

export const propertyEn: Catalogue<typeof propertyZh> = { property: { title: 'Property' } };
