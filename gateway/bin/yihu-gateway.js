#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node must be able to read this far and say what it needs.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `yihu-gateway 需要 Node 22.18 或更新版本，当前是 ${process.versions.node}。请在项目目录里用 npx yihu-gateway 运行（项目自带 Node 24）。\n` +
      `yihu-gateway needs Node 22.18 or newer, this is ${process.versions.node}. Run it as npx yihu-gateway inside the project, which brings Node 24.\n`,
  );
  process.exit(1);
}

process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
});
if (process.argv[2] === 'run') {
  const { allocator, beLean, nodeFlags } = await import('./lean.js');
  // What has to be set before Node starts is set by starting it once more.
  if (process.env.MALLOC_ARENA_MAX === undefined && typeof process.execve === 'function') {
    const args = [process.argv[0], ...nodeFlags, ...process.execArgv, ...process.argv.slice(1)];
    process.execve(process.execPath, args, { ...process.env, ...allocator });
  }
  beLean();
}
const { main } = await import('../cli/main.ts');
await main(process.argv);
