import { type Table, tables } from '@yihu/device-profiles/vocabulary/frame.ts';
import { Encoding, Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { type Command, Option } from 'commander';
import { parseNumber, parseWhole, parseWords } from './numbers.ts';
import { outputFor } from './output.ts';

export interface DecodeOptions {
  json?: boolean;
  lang?: string;
  wire?: string;
  hex?: string;
  text?: string;
  type?: WireType;
  order?: Order;
  words?: number[];
  encoding?: Encoding;
  scale?: number;
  offset?: number;
  round?: number;
  profile?: string;
  table?: Table;
  start?: number;
  topic?: string;
  channel?: string;
  payload?: string;
}

const examples = `
例 / examples:
  yihu-gateway decode --wire modbus-rtu --hex "01 03 04 02 92 FF 9B 5A 3D"
  yihu-gateway decode --hex 68907856341200681104333333335516     哪种协议都试 / whichever wire fits
  yihu-gateway decode --wire dlt645 monitor.log                  串口监听记录 / what a line monitor has written
  pbpaste | yihu-gateway decode -                                剪贴板 / the clipboard
  yihu-gateway decode --type f32 --order CDAB --words 3334,4366`;

export function addDecode(program: Command): void {
  program
    .command('decode')
    .description('解线路上的报文、一个值，或档案里的一帧 / take apart what was on a wire, one value, or a frame of a profile')
    .argument('[file]', '监听记录，- 为标准输入 / a monitor’s record, - for standard input')
    .option('--wire <wire>', '报文的协议；不写则全部试 / the wire’s protocol, by default all are tried')
    .option('--hex <hex>', '报文，十六进制，可带时间和标注 / bytes in hex, times and labels around them allowed')
    .option('--text <text>', '文字报文，如 ##0101QN=… / a frame that is text')
    .addOption(new Option('--type <type>', '类型 / type').choices(WireType.options))
    .addOption(new Option('--order <order>', '字节顺序 / byte order').choices(Order.options))
    .option('--words <hex,hex…>', '寄存器，十六进制 / registers in hex', parseWords)
    .addOption(new Option('--encoding <encoding>', '字符串编码 / string encoding').choices(Encoding.options))
    .option('--scale <n>', '倍率 / scale', parseNumber)
    .option('--offset <n>', '偏移 / offset', parseNumber)
    .option('--round <places>', '小数位 / decimal places', parseWhole(0, 9))
    .option('--profile <id|file>', '设备档案 / device profile')
    .addOption(new Option('--table <table>', 'Modbus 表 / Modbus table').choices([...tables]))
    .option('--start <address>', '起始地址，如 0x2000 / first address', parseWhole(0, 0xffff))
    .option('--topic <topic>', 'MQTT 主题 / topic')
    .option('--channel <name>', '档案里的通道，默认按主题判断 / channel of the profile, by default found by the topic')
    .option('--payload <text|@file>', '消息内容 / payload')
    .addHelpText('after', examples)
    .action(async (file: string | undefined, options: DecodeOptions) => {
      const output = outputFor(options);
      const { wire, hex, text, profile } = options;
      if ([file, wire, hex, text].some((each) => each !== undefined))
        return (await import('./decode-wire.ts')).decodeWire(file, options, output);
      if (profile !== undefined) return (await import('./decode-profile.ts')).decodeWithProfile(options, profile, output);
      return (await import('./decode-value.ts')).decodeValue(options, output);
    });
}
