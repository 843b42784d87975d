using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Spool;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Files;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Tests.Disk.Spool;

/// <summary>
/// A short life of a spool, stopped or disturbed at every step that it makes with the disk: what returned is true afterwards, what did
/// not is as before or as asked, and nothing is ever half there.
/// </summary>
public sealed class SpoolCrashTests
{
    private static readonly SpoolSettings Settings = SpoolSettings.Below("/spool") with { InMemoryLimit = 1000, ReaderThreads = 1, FlusherThreads = 1, WriterThreads = 1 };

    private static readonly byte[] Large = [.. Enumerable.Range(0, 3000).Select(i => (byte)(i * 7))];

    [Theory]
    [InlineData(DiskFault.CrashBefore)]
    [InlineData(DiskFault.CrashWithin)]
    [InlineData(DiskFault.CrashAfter)]
    [InlineData(DiskFault.InputOutput)]
    [InlineData(DiskFault.NoSpace)]
    [InlineData(DiskFault.ShortWrite)]
    public async Task Fault_at_any_step_then_power_cut_keeps_what_was_promised(DiskFault fault)
    {
        int steps = 0;
        for (int number = 1; ; number++)
        {
            for (int seed = 0; seed < CurrentTier.Rounds(full: 3, many: 100); seed++)
            {
                var disk = new SimulatedDisk { Random = new Random(seed) };
                var layer = new FaultyFileLayer(disk);
                layer.FailAt(number, fault);
                var life = new Life(layer);
                await life.RunAsync();
                steps = layer.Steps.Count;
                disk.PowerCut(seed);
                await life.CheckAsync(disk, $"{fault} at step {number} of {steps}, cut {seed}");
            }

            if (number > steps)
                break;
        }

        Assert.True(steps > 40);
    }

    [Fact]
    public async Task Process_killed_at_any_step_keeps_what_was_promised()
    {
        int steps = 0;
        for (int number = 1; number == 1 || number <= steps; number++)
        {
            var disk = new SimulatedDisk();
            var layer = new FaultyFileLayer(disk);
            layer.FailAt(number, DiskFault.CrashBefore);
            var life = new Life(layer);
            await life.RunAsync();
            steps = layer.HasCrashed ? number + 1 : layer.Steps.Count;
            disk.EndProcess();
            await life.CheckAsync(disk, $"killed at step {number}");
        }
    }

    /// <summary>What was asked of a spool and what it said.</summary>
    private sealed class Life(FaultyFileLayer layer)
    {
        private readonly QueueItem[] _small = [.. Enumerable.Range(0, 3).Select(i => Envelopes.MakeItem(Contents.InMemory(new byte[(i * 400) + 1])))];
        private QueueItem? _large;
        private bool _smallWritten;
        private bool _largeWritten;
        private int _version;
        private bool _removed;
        private bool _removing;

        public async Task RunAsync()
        {
            SpoolFiles? spool = null;
            try
            {
                spool = new SpoolFiles(layer, Settings, NullLogger.Instance);
                await TryAsync(() =>
                {
                    spool.WriteItems(_small);
                    _smallWritten = true;
                    return Task.CompletedTask;
                });
                if (!_smallWritten && !layer.HasCrashed)
                    Assert.DoesNotContain(_small, item => spool.Exists(item.Envelope.Id));
                await TryAsync(() => WriteLargeAsync(spool));
                if (_smallWritten)
                    await TryAsync(() => ChangeAsync(spool));
            }
            catch (IOException) when (spool is null)
            {
                // It did not even start.
            }
            finally
            {
                spool?.Dispose();
            }
        }

        public async Task CheckAsync(SimulatedDisk disk, string what)
        {
            using var spool = new SpoolFiles(disk, Settings, NullLogger.Instance);
            SpoolEntry[] found = [.. spool.Scan()];
            var names = found.Select(entry => entry.Name).ToHashSet();
            Assert.True(spool.QuarantinedFiles == 0, what);
            Assert.DoesNotContain(found, entry => entry.Kind is SpoolEntryKind.Damaged or SpoolEntryKind.Missing);

            for (int i = 0; i < _small.Length; i++)
            {
                QueueId id = _small[i].Envelope.Id;
                if (i == 1 && _removed)
                    Assert.False(names.Contains(id), what);
                else if (_smallWritten && !(i == 1 && _removing))
                    Assert.True(names.Contains(id), what);
                if (names.Contains(id))
                    await AssertWholeAsync(spool, _small[i], new byte[_small[i].Envelope.Content.Length], what);
            }

            if (_smallWritten)
                Assert.InRange(found.Single(entry => entry.Name == _small[0].Envelope.Id).Version, _version, 2);
            if (_largeWritten)
                Assert.True(names.Contains(_large!.Envelope.Id), what);
            if (_large is not null && names.Contains(_large.Envelope.Id))
                await AssertWholeAsync(spool, _large, Large, what);
            Assert.True(spool.QuarantinedFiles == 0, what);
        }

        private static async Task AssertWholeAsync(SpoolFiles spool, QueueItem expected, byte[] octets, string what)
        {
            QueueItem? item = spool.Read(expected.Envelope.Id);
            Assert.True(item is not null, what);
            byte[] found = await Contents.ReadAllAsync(item.Envelope.Content);
            Assert.True(octets.AsSpan().SequenceEqual(found), what);
            item.Envelope.Content.Release();
        }

        private static async Task TryAsync(Func<Task> work)
        {
            try
            {
                await work();
            }
            catch (IOException)
            {
                // What it did not say is not promised.
            }
            catch (StorageException)
            {
                // The same.
            }
        }

        private async Task WriteLargeAsync(SpoolFiles spool)
        {
            using ContentWriter writer = spool.BeginContent(Envelopes.NewId());
            await writer.WriteAsync(Large.AsMemory(0, 1000), CancellationToken.None);
            await writer.WriteAsync(Large.AsMemory(1000), CancellationToken.None);
            MessageContent content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None);
            try
            {
                _large = Envelopes.MakeItem(content);
                spool.StoreContents([content]);
                spool.WriteItems([_large]);
                _largeWritten = true;
            }
            finally
            {
                content.Release();
            }
        }

        private Task ChangeAsync(SpoolFiles spool)
        {
            for (int version = 1; version <= 2; version++)
            {
                spool.WriteStates([(_small[0].Envelope.Id, _small[0].State with { Version = version }), (_small[1].Envelope.Id, _small[1].State with { Version = version })]);
                _version = version;
            }

            _removing = true;
            spool.Remove([_small[1].Envelope.Id]);
            _removed = true;
            return Task.CompletedTask;
        }
    }
}
