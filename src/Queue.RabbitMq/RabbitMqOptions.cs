using System.Security.Cryptography.X509Certificates;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq;

/// <summary>Where the broker is, and how its queues are used. Immutable.</summary>
public sealed record RabbitMqOptions
{
    /// <summary>How many work queues there are, over which destinations are spread.</summary>
    public const int WorkQueues = Partitions.Count;

    /// <summary>The nodes of the broker as host and port; any of them is as good as another.</summary>
    public required IReadOnlyList<KeyValuePair<string, int>> Nodes { get; init; }

    /// <summary>The virtual host. Default <c>/</c>.</summary>
    public string VirtualHost { get; init; } = "/";

    /// <summary>The user. Default <c>guest</c>, whom a broker lets in from its own machine only.</summary>
    public string UserName { get; init; } = "guest";

    /// <summary>The user's password. Default <c>guest</c>.</summary>
    public string Password { get; init; } = "guest";

    /// <summary>True to speak TLS, with the broker's certificate checked for its name. Default false.</summary>
    public bool Tls { get; init; }

    /// <summary>Who may have issued the broker's certificate; null, the default, for those whom the system trusts.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>
    /// Tells our own certificate, with its key, for a broker that asks for one; asked for each connection, so that a changed certificate counts. It stays the
    /// caller's. Null, the default, for none.
    /// </summary>
    public Func<X509Certificate2?>? Certificate { get; init; }

    /// <summary>What the names of all queues and exchanges begin with. Default <c>slimtafast</c>.</summary>
    public string Prefix { get; init; } = "slimtafast";

    /// <summary>How long one operation of the broker may take before it is given up as possibly done. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a start waits for a broker of which no node listens yet, because it is being started, too. Default 1 minute.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// After how long without a sign of life a connection counts as dead, on both sides. The broker hands a worker's messages to others no earlier than
    /// that where the network is cut. Whole seconds; default 1 minute.
    /// </summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Messages of each of the eight work queues that a worker has at once. Default 100.</summary>
    public int Prefetch { get; init; } = 100;

    /// <summary>
    /// True where each work queue is one worker's at a time, so that a limit for a destination holds over all workers; false, the default, where what is too much for one worker
    /// goes to the next. All processes on a prefix have to say the same: the queues of either have names of their own.
    /// </summary>
    public bool IsSingle { get; init; }

    /// <summary>Octets up to which a content travels in the broker's message; a larger one goes to <see cref="Contents"/>. Default 256 KiB.</summary>
    public int InlineLimit { get; init; } = 256 * 1024;

    /// <summary>
    /// How often a message may be handed out without an outcome before each worker has it beside no other such message; parked is what still has none after three
    /// workers ended with it. Default 20.
    /// </summary>
    public int MaxDeliveries { get; init; } = 20;

    /// <summary>Where larger contents are kept; null for nowhere, so that larger messages are refused. It stays the caller's. Default null.</summary>
    public IContentStore? Contents { get; init; }

    /// <summary>After how long the contents of items that a crash left behind are removed; longer than any message waits. Default 30 days.</summary>
    public TimeSpan ContentAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The folder for large messages while they are received. Default: the system's temporary folder.</summary>
    public string ScratchDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Checks what can be checked without a broker.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Nodes);
        if (Nodes.Count == 0)
            throw new ArgumentException("There is no node.", nameof(Nodes));
        ArgumentException.ThrowIfNullOrEmpty(VirtualHost);
        ArgumentException.ThrowIfNullOrEmpty(Prefix);
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.FromMilliseconds(100));
        ArgumentOutOfRangeException.ThrowIfLessThan(StartPatience, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Heartbeat, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(Prefetch, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Prefetch, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(InlineLimit, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDeliveries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ContentAge, TimeSpan.FromSeconds(1));
    }

    /// <summary>Without the password.</summary>
    public override string ToString() => $"RabbitMqOptions {{ Nodes = {string.Join(',', Nodes.Select(static node => $"{node.Key}:{node.Value}"))}, VirtualHost = {VirtualHost}, Prefix = {Prefix} }}";
}
