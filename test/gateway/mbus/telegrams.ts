/**
 * Answers of real meters and examples of the standard, as rscada/libmbus has them in test/test-frames/*.hex, and what its
 * *.norm.xml says of them. That library gives energy in Wh; here it is kWh.
 */
export interface Known {
  readonly name: string;
  readonly hex: string;
  readonly head: readonly [id: string, manufacturer: string, version: number, medium: string, access: number, status: number];
  /** Every record but those of the maker, in order. */
  readonly values: Readonly<Record<string, number | string | null>>;
  readonly hasMore?: boolean;
}

export const telegrams: readonly Known[] = [
  {
    name: 'EFE_Engelmann-WaterStar (V9)',
    hex: `68 51 51 68 08 0B 72 54 02 99 04 C5 14 00 06 0C 27 00 00 04 78 2E 25 4C 00 04 6D 0A 0C CD 13 04 13 4C 01 00 00 44 13
      4B 01 00 00 84 01 13 4C 01 00 00 42 6C BF 1C 02 6C DF 1C 04 3B 00 00 00 00 14 3B 16 08 00 00 02 23 A7 04 01 FD 17 00 04
      90 28 08 00 00 00 3F 16`,
    head: ['04990254', 'EFE', 0, 'warm-water', 12, 0x27],
    values: {
      'fabrication-number.inst.0': '4990254',
      'time.inst.0': '2014-03-13T12:10',
      'volume.inst.0': 0.332,
      'volume.inst.1': 0.331,
      'volume.inst.2': 0.332,
      'date.inst.1': '2013-12-31',
      'date.inst.0': '2014-12-31',
      'flow.inst.0': 0,
      'flow.max.0': 2.07,
      'on-time.inst.0': 102_902_400,
      'error-flags.inst.0': 0,
      // A volume for each pulse, and not the volume.
      'volume+per-input-pulse-0.inst.0': 0.000_008,
    },
  },
  {
    name: 'EFE_Engelmann-Elster-SensoStar-2',
    hex: `68 A1 A1 68 08 00 72 45 33 08 24 C5 14 00 04 66 27 00 00 04 78 91 7B 6F 01 04 6D 17 2E CC 13 04 15 00 00 00 00 44 15
      00 00 00 00 84 01 15 00 00 00 00 04 06 00 00 00 00 44 06 00 00 00 00 84 01 06 00 00 00 00 84 10 06 00 00 00 00 C4 10 06
      00 00 00 00 84 11 06 00 00 00 00 42 6C BF 1C 02 6C DF 1C 84 20 06 00 00 00 00 84 30 06 00 00 00 00 04 3B 00 00 00 00 14
      3B 19 00 00 00 04 2B 00 00 00 00 14 2B 0B 00 00 00 02 5B 16 00 02 5F 15 00 04 61 09 00 00 00 02 23 0C 02 01 FD 17 00 04
      90 28 0B 00 00 00 EB 16`,
    head: ['24083345', 'EFE', 0, 'heat-outlet', 102, 0x27],
    values: {
      'fabrication-number.inst.0': '24083345',
      'time.inst.0': '2014-03-12T14:23',
      'volume.inst.0': 0,
      'volume.inst.1': 0,
      'volume.inst.2': 0,
      'energy.inst.0': 0,
      'energy.inst.1': 0,
      'energy.inst.2': 0,
      'energy.inst.0.tariff1': 0,
      'energy.inst.1.tariff1': 0,
      'energy.inst.2.tariff1': 0,
      'date.inst.1': '2013-12-31',
      'date.inst.0': '2014-12-31',
      'energy.inst.0.tariff2': 0,
      'energy.inst.0.tariff3': 0,
      'flow.inst.0': 0,
      'flow.max.0': 0.025,
      'power.inst.0': 0,
      'power.max.0': 11,
      'flow-temperature.inst.0': 22,
      'return-temperature.inst.0': 21,
      'temperature-difference.inst.0': 0.09,
      'on-time.inst.0': 45_273_600,
      'error-flags.inst.0': 0,
      'volume+per-input-pulse-0.inst.0': 0.000_011,
    },
  },
  {
    name: 'sen_pollucom_e',
    hex: `68 42 42 68 08 00 72 45 00 94 63 AE 4C 08 04 F9 00 00 00 0C 06 19 90 01 00 0C 13 19 11 62 01 0C 3B 00 00 00 00 0C 2B
      00 00 00 00 02 5A 67 01 02 5E E9 00 03 60 46 31 00 0C 78 45 00 94 63 0C FD 10 45 00 94 63 1F B6 16`,
    head: ['63940045', 'SEN', 8, 'heat-outlet', 249, 0],
    values: {
      'energy.inst.0': 19_019,
      'volume.inst.0': 1621.119,
      'flow.inst.0': 0,
      'power.inst.0': 0,
      'flow-temperature.inst.0': 35.9,
      'return-temperature.inst.0': 23.3,
      'temperature-difference.inst.0': 12.614,
      'fabrication-number.inst.0': '63940045',
      'customer-location.inst.0': '63940045',
    },
    hasMore: true,
  },
  {
    name: 'kamstrup_multical_601',
    hex: `68 F7 F7 68 08 11 72 17 58 85 06 2D 2C 08 04 04 00 00 00 0C 78 17 58 85 06 04 06 E7 91 00 00 04 14 2C DB 00 00 04 22
      D9 03 00 00 04 59 B9 27 00 00 04 5D 08 12 00 00 04 61 B1 15 00 00 04 2D 5B 01 00 00 14 2D C0 01 00 00 04 3B 1F 02 00 00
      14 3B 74 02 00 00 84 10 06 00 00 00 00 84 20 06 00 00 00 00 84 40 14 00 00 00 00 84 80 40 14 00 00 00 00 84 C0 40 06 00
      00 00 00 04 6D 1A 2F 65 11 44 06 51 82 00 00 44 14 B2 C3 00 00 54 2D 26 02 00 00 54 3B 03 04 00 00 C4 10 06 00 00 00 00
      C4 20 06 00 00 00 00 C4 40 14 00 00 00 00 C4 80 40 14 00 00 00 00 C4 C0 40 06 00 00 00 00 42 6C 5F 1C 0F 00 00 00 00 E7
      E4 00 00 63 66 00 00 00 00 00 00 00 00 00 00 00 00 00 00 5B C9 A5 02 34 53 00 00 E0 B2 03 00 89 9C 68 00 00 00 00 00 01
      00 01 07 07 09 01 03 00 00 00 00 00 98 16`,
    head: ['06855817', 'KAM', 8, 'heat-outlet', 4, 0],
    values: {
      'fabrication-number.inst.0': '06855817',
      'energy.inst.0': 37_351,
      'volume.inst.0': 561.08,
      'on-time.inst.0': 3_546_000,
      'flow-temperature.inst.0': 101.69,
      'return-temperature.inst.0': 46.16,
      'temperature-difference.inst.0': 55.53,
      'power.inst.0': 34_700,
      'power.max.0': 44_800,
      'flow.inst.0': 0.543,
      'flow.max.0': 0.628,
      'energy.inst.0.tariff1': 0,
      'energy.inst.0.tariff2': 0,
      'volume.inst.0.unit1': 0,
      'volume.inst.0.unit2': 0,
      'energy.inst.0.unit3': 0,
      'time.inst.0': '2011-01-05T15:26',
      'energy.inst.1': 33_361,
      'volume.inst.1': 500.98,
      'power.max.1': 55_000,
      'flow.max.1': 1.027,
      'energy.inst.1.tariff1': 0,
      'energy.inst.1.tariff2': 0,
      'volume.inst.1.unit1': 0,
      'volume.inst.1.unit2': 0,
      'energy.inst.1.unit3': 0,
      'date.inst.1': '2010-12-31',
    },
  },
  {
    name: 'SBC_Saia-Burgess-ALE3',
    hex: `68 92 92 68 08 28 72 55 00 00 19 43 4C 16 02 BF 00 00 00 8C 10 04 93 02 00 00 8C 11 04 93 02 00 00 8C 20 04 06 00 00
      00 8C 21 04 06 00 00 00 02 FD C9 FF 01 DF 00 02 FD DB FF 01 00 00 02 AC FF 01 00 00 82 40 AC FF 01 00 00 02 FD C9 FF 02
      00 00 02 FD DB FF 02 00 00 02 AC FF 02 00 00 82 40 AC FF 02 00 00 02 FD C9 FF 03 00 00 02 FD DB FF 03 00 00 02 AC FF 03
      00 00 82 40 AC FF 03 00 00 02 FF 68 00 00 02 AC FF 00 00 00 82 40 AC FF 00 00 00 01 FF 14 00 0A 16`,
    head: ['19000055', 'SBC', 22, 'electricity', 191, 0],
    values: {
      'energy.inst.0.tariff1': 2.93,
      'energy.inst.2.tariff1': 2.93,
      'energy.inst.0.tariff2': 0.06,
      'energy.inst.2.tariff2': 0.06,
      'voltage+maker-01.inst.0': 223,
      'current+maker-01.inst.0': 0,
      'power+maker-01.inst.0': 0,
      'power+maker-01.inst.0.unit1': 0,
      'voltage+maker-02.inst.0': 0,
      'current+maker-02.inst.0': 0,
      'power+maker-02.inst.0': 0,
      'power+maker-02.inst.0.unit1': 0,
      'voltage+maker-03.inst.0': 0,
      'current+maker-03.inst.0': 0,
      'power+maker-03.inst.0': 0,
      'power+maker-03.inst.0.unit1': 0,
      'maker-68.inst.0': 0,
      'power+maker-00.inst.0': 0,
      'power+maker-00.inst.0.unit1': 0,
      'maker-14.inst.0': 0,
    },
  },
  {
    name: 'elv_temp_humid',
    hex: `68 53 53 68 08 05 72 34 08 00 54 96 15 32 00 F2 00 00 00 01 FD 1B 00 02 FC 03 48 52 25 74 D4 11 22 FC 03 48 52 25 74
      C8 11 12 FC 03 48 52 25 74 B4 16 02 65 D0 08 22 65 70 08 12 65 23 09 01 72 18 42 65 E4 08 82 01 65 DD 08 0C 78 34 08 00
      54 03 FD 0F 00 00 04 1F 5D 16`,
    head: ['54000834', 'ELV', 50, 'other', 242, 0],
    values: {
      'digital-input.inst.0': 0,
      'text-%rh.inst.0': 45.64,
      'text-%rh.min.0': 45.52,
      'text-%rh.max.0': 58.12,
      'external-temperature.inst.0': 22.56,
      'external-temperature.min.0': 21.6,
      'external-temperature.max.0': 23.39,
      'averaging-duration.inst.0': 86_400,
      'external-temperature.inst.1': 22.76,
      'external-temperature.inst.2': 22.69,
      'fabrication-number.inst.0': '54000834',
      'software-version.inst.0': '262144',
    },
    hasMore: true,
  },
  {
    name: 'itron_cyble_m-bus_v1.4_gas',
    hex: `68 56 56 68 08 04 72 87 03 02 10 77 04 14 03 9A 00 00 00 0C 78 87 03 02 10 0D 7C 08 44 49 20 2E 74 73 75 63 0A 20 20
      20 20 20 20 20 20 20 20 04 6D 2B 0F 79 1A 02 7C 09 65 6D 69 74 20 2E 74 61 62 D2 0F 04 14 1A 00 00 00 04 94 7F 00 00 00
      00 44 14 19 00 00 00 0F 00 02 1F 9F 16`,
    head: ['10020387', 'ACW', 20, 'gas', 154, 0],
    values: {
      'fabrication-number.inst.0': '10020387',
      'text-cust-id.inst.0': '',
      'time.inst.0': '2011-10-25T15:43',
      'text-bat-time.inst.0': 4050,
      'volume.inst.0': 0.26,
      'volume+maker.inst.0': 0,
      'volume.inst.1': 0.25,
    },
  },
  {
    name: 'siemens_water',
    hex: `68 59 59 68 08 00 72 82 13 02 08 65 32 99 06 EB 00 00 00 0C 13 01 01 00 00 0B 22 52 09 02 04 6D 38 08 6E 19 32 6C 00
      00 0C 78 82 13 02 08 06 FD 0C 0A 00 01 00 FA 01 0D FD 0B 05 31 32 48 46 57 01 FD 0E 00 0B 3B 00 00 00 0F 37 FD 17 00 00
      00 00 00 00 00 00 02 7A 0D 00 02 78 0D 00 11 16`,
    head: ['08021382', 'LSE', 153, 'warm-water', 235, 0],
    values: {
      'volume.inst.0': 0.101,
      'on-time.inst.0': 75_427_200,
      'time.inst.0': '2011-09-14T08:56',
      // 2000-00-00 there: no date.
      'date.err.0': null,
      'fabrication-number.inst.0': '08021382',
      'model.inst.0': '2173253517322',
      'parameter-set.inst.0': 'WFH21',
      'firmware-version.inst.0': '0',
      'flow.inst.0': 0,
    },
  },
  {
    name: 'example_plain_text_placement',
    hex: '68 19 19 68 08 02 72 78 56 34 12 24 40 01 07 55 00 00 00 03 FC 20 03 43 42 41 15 31 00 7F 16',
    head: ['12345678', 'PAD', 1, 'water', 85, 0],
    values: { 'text-abc+per-second.inst.0': 12_565 },
  },
  {
    name: 'example_binary16_lvar',
    hex: '68 25 25 68 08 00 72 00 00 00 00 CD 25 01 02 00 00 00 00 0D 7C 02 57 50 F0 96 07 5B 2A 27 A6 93 01 3D B5 1A B3 DC D1 3E 17 D5 16',
    head: ['00000000', 'INM', 1, 'electricity', 0, 0],
    values: { 'text-pw.inst.0': '17 3E D1 DC B3 1A B5 3D 01 93 A6 27 2A 5B 07 96' },
  },
  {
    name: 'manual_frame7',
    hex: '68 15 15 68 08 02 72 78 56 34 12 24 40 01 07 13 00 00 00 0C 78 04 03 02 01 9D 16',
    head: ['12345678', 'PAD', 1, 'water', 19, 0],
    values: { 'fabrication-number.inst.0': '01020304' },
  },
  {
    name: 'manual_frame2, the fixed structure',
    hex: '68 13 13 68 08 05 73 78 56 34 12 0A 00 E9 7E 01 00 00 00 35 01 00 00 3C 16',
    head: ['12345678', '', 0, 'water', 10, 0],
    // One litre now, 135 l at the settling day.
    values: { 'volume.inst.0': 0.001, 'volume.inst.1': 0.135 },
  },
];
