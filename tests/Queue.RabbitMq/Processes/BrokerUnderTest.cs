using System.Globalization;
using System.Net;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.RabbitMq;
using Xunit.Abstractions;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>One queue in a real broker, the processes on it, and everything that they were ever sent.</summary>
internal sealed class BrokerUnderTest : IAsyncDisposable
{
    /// <summary>How many attempts one process has at once here.</summary>
    public const int Attempts = 20;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ITestOutputHelper _output;
    private readonly TemporaryFolder _folder = new();
    private readonly List<LoadMessage> _messages = [];

    private BrokerUnderTest(RabbitMqBroker broker, ITestOutputHelper output)
    {
        Broker = broker;
        _output = output;
    }

    public RabbitMqBroker Broker { get; }

    public CollectingSink Sink { get; } = new();

    public string Queue => $"amqp://{Broker.Authority}?timeout=5s&heartbeat=5s";

    public string ContentsFolder => _folder["contents"];

    private string Relay => string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{Sink.Port}");

    /// <summary>A queue that is empty.</summary>
    public static async Task<BrokerUnderTest> StartAsync(ITestOutputHelper output, int nodes = 1) => new(await RabbitMqBroker.StartAsync(nodes), output);

    /// <summary>A server that only receives.</summary>
    public Task<(RunningProgram Program, IPEndPoint EndPoint)> StartEdgeAsync() =>
        SlimtafastProgram.ListenAsync(Settings, "serve", "--listen", "127.0.0.1:0", "--hostname", "mx.test", "--queue", Queue);

    /// <summary>A server that receives and delivers.</summary>
    public Task<(RunningProgram Program, IPEndPoint EndPoint)> StartBothAsync() =>
        SlimtafastProgram.ListenAsync(Settings, "serve", "--listen", "127.0.0.1:0", "--hostname", "mx.test", "--queue", Queue, "--relay", Relay);

    /// <summary>A process that only delivers.</summary>
    public async Task<RunningProgram> StartWorkerAsync()
    {
        RunningProgram program = RunningProgram.Start(SlimtafastProgram.Path, ["work", "--hostname", "mx.test", "--queue", Queue, "--relay", Relay], environment: Settings);
        await program.WaitForLineAsync(static line => line == "working", Limit);
        return program;
    }

    /// <summary>Runs a command of the executable.</summary>
    public Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunningProgram.RunAsync(SlimtafastProgram.Path, [.. arguments, "--queue", Queue]);

    /// <summary>Remembers what a load has sent.</summary>
    public void Remember(SmtpLoad load) => _messages.AddRange(load.Messages);

    /// <summary>Waits until everything acknowledged has arrived, and compares it.</summary>
    public async Task AssertAllArriveAsync(string what, int mostRepeated)
    {
        LoadMessage[] accepted = [.. _messages.Where(static message => message.Outcome == LoadOutcome.Accepted)];
        IReadOnlyList<LoadMessage> missing = await Sink.WaitForAsync(accepted, Quiet);
        _output.WriteLine($"{what}: {_messages.Count} messages sent, {accepted.Length} acknowledged, {missing.Count} of them missing, {Sink.Torn.Count} torn, {Sink.Duplicates} deliveries repeated");
        Assert.Empty(Sink.Torn);
        Assert.True(missing.Count == 0, $"{what}: missing {string.Join(' ', missing.Take(20).Select(static message => message.Token))}");
        Assert.InRange(Sink.Duplicates, 0, mostRepeated);
    }

    /// <summary>Waits until the broker has nothing left, and nobody anything in hand.</summary>
    public async Task AssertEmptyAsync()
    {
        using var end = new CancellationTokenSource(Quiet);
        string left;
        do
        {
            left = await Broker.Nodes[0].ControlAsync("list_queues", "--no-table-headers", "name", "messages");
        }
        while (left.Split('\n').Any(static line => !line.EndsWith("\t0", StringComparison.Ordinal)) && !end.IsCancellationRequested);
        Assert.All(left.Split('\n'), static line => Assert.EndsWith("\t0", line, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await Sink.DisposeAsync();
        await Broker.DisposeAsync();
        _folder.Dispose();
    }

    private Dictionary<string, string> Settings => new()
    {
        ["SLIMTAFAST__Queue__LeaseTime"] = "5s",
        ["SLIMTAFAST__Queue__MaxAttempts"] = Attempts.ToString(CultureInfo.InvariantCulture),
        ["SLIMTAFAST__Queue__HopMaxAttempts"] = Attempts.ToString(CultureInfo.InvariantCulture),
        ["SLIMTAFAST__Queue__HopInitialAttempts"] = "10",
        ["SLIMTAFAST__Broker__Contents"] = "folder:" + ContentsFolder,
        ["SLIMTAFAST__Broker__InlineLimit"] = "64K",
    };
}
