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
    private readonly List<LoadMessage> _messages = [];

    // Whatever becomes of a test, nothing that it started outlives it.
    private readonly List<RunningProgram> _programs = [];

    private BrokerUnderTest(RabbitMqBroker broker, ITestOutputHelper output, ISharedContents? contents)
    {
        Broker = broker;
        Queue = $"amqp://{broker.Authority}?timeout=5s&heartbeat=5s";
        _output = output;
        Contents = contents ?? new FolderOfContents();
    }

    /// <summary>Where contents of more than 64 KiB go.</summary>
    public ISharedContents Contents { get; }

    /// <summary>Further settings of all processes that are started from now on.</summary>
    public Dictionary<string, string> More { get; } = [];

    public RabbitMqBroker Broker { get; }

    public CollectingSink Sink { get; } = new();

    /// <summary>How processes that are started from now on name the broker.</summary>
    public string Queue { get; set; }

    public int Repeated => Sink.Duplicates;

    private string Relay => string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{Sink.Port}");

    /// <summary>A queue that is empty.</summary>
    public static async Task<BrokerUnderTest> StartAsync(ITestOutputHelper output, int nodes = 1, ISharedContents? contents = null, string more = "") =>
        new(await RabbitMqBroker.StartAsync(nodes, more), output, contents);

    /// <summary>A server that only receives.</summary>
    public Task<(RunningProgram Program, IPEndPoint EndPoint)> StartEdgeAsync() => ListenAsync();

    /// <summary>A server that receives and delivers.</summary>
    public Task<(RunningProgram Program, IPEndPoint EndPoint)> StartBothAsync() => ListenAsync("--relay", Relay);

    /// <summary>A process that only delivers.</summary>
    public async Task<RunningProgram> StartWorkerAsync()
    {
        RunningProgram program = RunningProgram.Start(SlimtafastProgram.Path, ["work", "--hostname", "mx.test", "--queue", Queue, "--relay", Relay], environment: Settings);
        _programs.Add(program);
        await program.WaitForLineAsync(static line => line == "working", Limit);
        return program;
    }

    /// <summary>Runs a command of the executable.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using RunningProgram program = RunningProgram.Start(SlimtafastProgram.Path, [.. arguments, "--queue", Queue], environment: Settings);
        int code = await program.WaitForExitAsync(Limit);
        return (code, program.Output);
    }

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
        foreach (RunningProgram program in _programs)
            await program.DisposeAsync();
        await Sink.DisposeAsync();
        await Broker.DisposeAsync();
        await Contents.DisposeAsync();
    }

    private async Task<(RunningProgram Program, IPEndPoint EndPoint)> ListenAsync(params string[] more)
    {
        (RunningProgram program, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(Settings, ["serve", "--listen", "127.0.0.1:0", "--hostname", "mx.test", "--queue", Queue, .. more]);
        _programs.Add(program);
        return (program, endPoint);
    }

    private Dictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["SLIMTAFAST__Queue__LeaseTime"] = "5s",
        ["SLIMTAFAST__Queue__MaxAttempts"] = Attempts.ToString(CultureInfo.InvariantCulture),
        ["SLIMTAFAST__Queue__HopMaxAttempts"] = Attempts.ToString(CultureInfo.InvariantCulture),
        ["SLIMTAFAST__Queue__HopInitialAttempts"] = "10",
        ["SLIMTAFAST__Broker__Contents"] = Contents.Address,
        ["SLIMTAFAST__Broker__InlineLimit"] = "64K",
    }.Concat(Contents.Settings).Concat(More).ToDictionary();
}
