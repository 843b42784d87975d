using SlimtaFast.Edge;

namespace SlimtaFast.Server.Configuration;

/// <summary>What clients, senders and recipients are checked for. Immutable.</summary>
internal sealed record CheckSettings
{
    /// <summary>The client's name in the reverse DNS. Default: not looked up.</summary>
    public ReverseNameSetting ReverseName { get; init; }

    /// <summary>What the client calls itself. Default: anything.</summary>
    public HelloSetting Hello { get; init; }

    /// <summary>How long the greeting is delayed; zero for not at all. Default: zero.</summary>
    public TimeSpan GreetingDelay { get; init; }

    /// <summary>Lists in the DNS. Default: none.</summary>
    public IReadOnlyList<DnsList> DnsLists { get; init; } = [];

    /// <summary>The score from which on a listed client is refused. Default 1.</summary>
    public int DnsListThreshold { get; init; } = 1;

    /// <summary>What a listed client is told.</summary>
    public string DnsListReply { get; init; } = "";

    /// <summary>True to refuse listed clients in place of the greeting. Default false.</summary>
    public bool DnsListAtConnect { get; init; }

    /// <summary>How long one look-up may take. Default 5 seconds.</summary>
    public TimeSpan DnsTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The list of senders; null for none.</summary>
    public LookupAddress? Senders { get; init; }

    /// <summary>The list of recipients; null for none.</summary>
    public LookupAddress? Recipients { get; init; }

    /// <summary>True where recipients that the list does not name are refused. Default true.</summary>
    public bool RecipientsComplete { get; init; } = true;
}
