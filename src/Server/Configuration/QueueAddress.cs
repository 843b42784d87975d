namespace SlimtaFast.Server.Configuration;

/// <summary>Who takes the mail that clients hand over, as <c>--queue</c> names it. Immutable.</summary>
/// <param name="Kind">What is done with it.</param>
/// <param name="Broker">Which broker; null where there is none.</param>
internal sealed record QueueAddress(QueueKind Kind, BrokerAddress? Broker = null)
{
    /// <summary>Reads an address, or throws a <see cref="FormatException"/> that says what is wrong.</summary>
    public static QueueAddress Parse(string text) => text.TrimEnd(':').ToLowerInvariant() switch
    {
        "local" => new QueueAddress(QueueKind.Local),
        "proxy" => new QueueAddress(QueueKind.Proxy),
        _ when BrokerAddress.IsOne(text) => new QueueAddress(QueueKind.Broker, BrokerAddress.Parse(text)),
        _ => throw new FormatException($"'{text}' is not a queue; it is local, proxy or amqp://HOST"),
    };
}
