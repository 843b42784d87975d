using System.Text;
using RabbitMQ.Client;

namespace SlimtaFast.Queue.RabbitMq.Messages;

/// <summary>What is noted with a message that is parked: as headers, so that its octets stay what they were.</summary>
internal static class ParkedFormat
{
    private const string ReasonHeader = "reason", PartitionHeader = "partition", ParkedAtHeader = "parked-at";

    /// <summary>The properties of a parked message.</summary>
    public static BasicProperties MakeProperties(string? id, int partition, string reason, DateTimeOffset now) => new()
    {
        Type = ItemMessage.TypeName,
        MessageId = id,
        Headers = new Dictionary<string, object?>
        {
            [ReasonHeader] = reason,
            [PartitionHeader] = partition,
            [ParkedAtHeader] = now.ToUnixTimeMilliseconds(),
        },
    };

    /// <summary>Reads them; what is missing is empty.</summary>
    public static (string Reason, int? Partition, DateTimeOffset ParkedAt) Read(IReadOnlyBasicProperties properties)
    {
        IDictionary<string, object?> headers = properties.Headers ?? new Dictionary<string, object?>();
        headers.TryGetValue(ReasonHeader, out object? reason);
        headers.TryGetValue(PartitionHeader, out object? partition);
        headers.TryGetValue(ParkedAtHeader, out object? at);
        return (
            reason is byte[] text ? Encoding.UTF8.GetString(text) : reason as string ?? "",
            partition as int?,
            at is long milliseconds and >= 0 and < 253_402_300_799_000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : DateTimeOffset.UnixEpoch);
    }
}
