using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using Xunit.Abstractions;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>One queue in a real storage, the processes on it, and everything that they were ever sent.</summary>
internal sealed partial class QueueUnderTest : IAsyncDisposable
{
    /// <summary>How many attempts one process has at once here.</summary>
    public const int Attempts = 20;

    // Recipients of a load's message that share an item.
    private const int MostAtOneDomain = 2;

    // Few writes are cut between an item and what tells of it.
    private const int MostLeft = 10;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ISharedBackend _backend;
    private readonly ITestOutputHelper _output;
    private readonly List<LoadMessage> _messages = [];

    /// <summary>A queue that is empty; the storage is disposed with it.</summary>
    public QueueUnderTest(ISharedBackend backend, ITestOutputHelper output)
    {
        _backend = backend;
        _output = output;
    }

    public CollectingSink Sink { get; } = new();

    private string Relay => string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{Sink.Port}");

    /// <summary>A server that only receives.</summary>
    public Task<(RunningProgram Program, IPEndPoint EndPoint)> StartEdgeAsync() => ServeAsync("hold:");

    /// <summary>A server that receives and delivers.</summary>
    public Task<(RunningProgram Program, IPEndPoint EndPoint)> StartServerAsync() => ServeAsync(Relay);

    /// <summary>A process that only delivers.</summary>
    /// <param name="attempts">Attempts at once.</param>
    /// <param name="storage">Where it reaches the storage; null for where that is.</param>
    public async Task<RunningProgram> StartWorkerAsync(int attempts = Attempts, string? storage = null)
    {
        RunningProgram program = RunningProgram.Start(SlimtafastProgram.Path, ["work", "--hostname", "mx.test", "--storage", storage ?? _backend.Storage, "--relay", Relay], environment: Settings(attempts));
        await program.WaitForLineAsync(static line => line == "working", Limit);
        return program;
    }

    /// <summary>
    /// Recipients whom a process that has ended may have served without being able to record it: as it counted them, and as many as it may have had cut off
    /// between the final dot and its answer.
    /// </summary>
    public static int CountUnrecorded(RunningProgram ended, int attempts)
    {
        MatchCollection refused = RefusedOutcome().Matches(ended.Output);
        return (attempts * MostAtOneDomain) + refused.Sum(static match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }

    /// <summary>Remembers what a load has sent.</summary>
    public void Remember(SmtpLoad load) => _messages.AddRange(load.Messages);

    /// <summary>Waits until everything acknowledged has arrived and the queue is empty, and compares it.</summary>
    public async Task AssertAllArriveAsync(string what, int mostRepeated)
    {
        LoadMessage[] accepted = [.. _messages.Where(static message => message.Outcome == LoadOutcome.Accepted)];
        IReadOnlyList<LoadMessage> missing = await Sink.WaitForAsync(accepted, _backend.Quiet);
        string left = await WaitForEmptyAsync();
        if (left != "0")
            left = await LeaveOutUnacknowledgedAsync(what, left);
        _output.WriteLine($"{what}: {_messages.Count} messages sent, {accepted.Length} acknowledged, {missing.Count} of them missing, {Sink.Torn.Count} torn, {Sink.Duplicates} deliveries repeated");
        Assert.Empty(Sink.Torn);
        Assert.True(missing.Count == 0, $"{what}: missing {string.Join(' ', missing.Take(20).Select(static message => message.Token))}");
        Assert.Equal("0", left);
        Assert.InRange(Sink.Duplicates, 0, mostRepeated);
    }

    public async ValueTask DisposeAsync()
    {
        await Sink.DisposeAsync();
        await _backend.DisposeAsync();
    }

    // What was delivered but not recorded by a process that was killed is delivered again when its lease has ended.
    private async Task<string> WaitForEmptyAsync()
    {
        using var end = new CancellationTokenSource(_backend.Quiet);
        while (true)
        {
            string left = await _backend.CountAsync();
            if (left == "0" || end.IsCancellationRequested)
                return left;
            await Task.Delay(100);
        }
    }

    // How much is left: nothing, where all of it are messages that nobody was told to be there.
    private async Task<string> LeaveOutUnacknowledgedAsync(string what, string left)
    {
        IReadOnlyList<string> tokens = await _backend.FindTokensAsync();
        LoadOutcome?[] outcomes = [.. tokens.Select(token => _messages.Find(message => message.Token == token)?.Outcome)];
        _output.WriteLine($"{what}: {left} items left: {string.Join(", ", tokens.Zip(outcomes, static (token, outcome) => $"{token} {outcome}"))}");
        return tokens.Count > 0 && tokens.Count <= MostLeft && outcomes.All(static outcome => outcome == LoadOutcome.Unknown) ? "0" : left;
    }

    private Task<(RunningProgram Program, IPEndPoint EndPoint)> ServeAsync(string relay) => SlimtafastProgram.ListenAsync(
        _backend.StartLimit, Settings(Attempts), "serve", "--listen", "127.0.0.1:0", "--hostname", "mx.test", "--storage", _backend.Storage, "--relay", relay);

    [GeneratedRegex(@"belongs to another process by now: the outcome here \((\d+) delivered\)")]
    private static partial Regex RefusedOutcome();

    private Dictionary<string, string> Settings(int attempts) => new(_backend.Settings)
    {
        ["SLIMTAFAST__Queue__LeaseTime"] = string.Create(CultureInfo.InvariantCulture, $"{_backend.Lease.TotalSeconds}s"),
        ["SLIMTAFAST__Queue__MaxAttempts"] = attempts.ToString(CultureInfo.InvariantCulture),
        ["SLIMTAFAST__Queue__HopMaxAttempts"] = attempts.ToString(CultureInfo.InvariantCulture),
        ["SLIMTAFAST__Queue__HopInitialAttempts"] = Math.Min(attempts, 10).ToString(CultureInfo.InvariantCulture),
    };
}
