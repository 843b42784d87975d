using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>The fields of a hash that are text, which people read with redis-cli and other programs with a number parser.</summary>
internal static class ItemText
{
    private const decimal TicksPerSecond = TimeSpan.TicksPerSecond;

    /// <summary>A time as decimal seconds since 1970, exact to the tick.</summary>
    public static string FormatTimestamp(DateTimeOffset time) =>
        ((time.UtcTicks - DateTime.UnixEpoch.Ticks) / TicksPerSecond).ToString("0.0######", CultureInfo.InvariantCulture);

    /// <summary>Reads such a time; anything else is 1970, which is due at once.</summary>
    public static DateTimeOffset ParseTimestamp(string? text)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal seconds) || Math.Abs(seconds) > 400_000_000_000m)
            return DateTimeOffset.UnixEpoch;
        long ticks = DateTime.UnixEpoch.Ticks + (long)(seconds * TicksPerSecond);
        return new DateTimeOffset(Math.Clamp(ticks, 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);
    }

    /// <summary>What the scheduler must know: length, urgency and domain, in that order because a domain may be anything. <c>update.lua</c> knows it, too.</summary>
    public static string FormatEntry(QueueItem item) =>
        string.Create(CultureInfo.InvariantCulture, $"{item.Envelope.Length} {Urgency.Of(item.Envelope).Octet} {item.Domain}");

    /// <summary>Reads an entry back; domains are shared strings.</summary>
    public static QueueEntry ParseEntry(QueueId id, string? timestamp, string? attempts, string? entry, Dictionary<string, string> domains)
    {
        ReadOnlySpan<char> text = entry;
        int first = text.IndexOf(' ');
        int second = first < 0 ? -1 : first + 1 + text[(first + 1)..].IndexOf(' ');
        long length = 0;
        byte urgency = 0;
        string domain = "";
        if (first > 0 && second > first)
        {
            _ = long.TryParse(text[..first], NumberStyles.None, CultureInfo.InvariantCulture, out length);
            _ = byte.TryParse(text[(first + 1)..second], NumberStyles.None, CultureInfo.InvariantCulture, out urgency);
            Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> lookup = domains.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!lookup.TryGetValue(text[(second + 1)..], out domain!))
            {
                domain = text[(second + 1)..].ToString();
                domains.Add(domain, domain);
            }
        }

        _ = int.TryParse(attempts, NumberStyles.None, CultureInfo.InvariantCulture, out int made);
        return new QueueEntry(id, ParseTimestamp(timestamp), made, domain, length, Urgency.FromOctet(urgency));
    }
}
