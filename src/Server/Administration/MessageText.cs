using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SlimtaFast.Server.Administration;

/// <summary>What the admin API tells of messages, as lines for a terminal.</summary>
internal static class MessageText
{
    private const int MostShown = 3;

    /// <summary>One message on one line.</summary>
    public static string Describe(JsonElement message)
    {
        var line = new StringBuilder();
        string state = Text(message, "state");
        string[] recipients = [.. message.GetProperty("recipients").EnumerateArray().Select(static address => TerminalText.Escape(address.GetString()))];
        int open = message.GetProperty("open").GetInt32();
        line.Append(Text(message, "id")).Append(' ').Append(state).Append(' ').Append(Text(message, "octets")).Append(' ').Append(Time(message, "receivedAt"));
        line.Append(" <").Append(Text(message, "sender")).Append("> to ").AppendJoin(", ", recipients.Take(MostShown));
        int shown = Math.Min(MostShown, recipients.Length);
        if (open > shown)
            line.Append(CultureInfo.InvariantCulture, $" and {open - shown} more");
        if (Text(message, "routingDomain") is { Length: > 0 } way)
            line.Append(" by the route of ").Append(way);
        line.Append(" via ").Append(Text(message, "hop")).Append(", attempts ").Append(Text(message, "attempts"));
        if (message.GetProperty("heldByOperator").GetBoolean())
            line.Append(", held by an operator");
        else if (state is "waiting" or "held" or "elsewhere")
            line.Append(", next ").Append(Time(message, "dueAt"));
        if (Text(message, "hopTrouble") is { Length: > 0 } trouble)
            return line.Append(", its next hop is down: ").Append(trouble).ToString();
        string reply = Text(message, "lastReply");
        return reply.Length > 0 ? line.Append(": ").Append(reply).ToString() : line.ToString();
    }

    /// <summary>All that is known of a message.</summary>
    public static IEnumerable<string> DescribeAll(JsonElement details)
    {
        JsonElement message = details.GetProperty("message"), wait = details.GetProperty("wait");
        yield return Describe(message);
        string until = Time(wait, "until");
        yield return $"why it waits: {Text(wait, "explanation")}{(until.Length > 0 ? $" Until {until}." : "")}";
        if (Text(wait, "hopTrouble") is { Length: > 0 } trouble)
            yield return $"  its next hop said: {trouble}";

        // Of one that this process does not have it knows nothing of the kind.
        if (Text(wait, "limit") != "0")
            yield return $"  attempts now: {Text(wait, "hopActive")} of {Text(wait, "hopLimit")} for its next hop, where {Text(wait, "hopReady")} messages are ready; {Text(wait, "active")} of {Text(wait, "limit")} in all";
        yield return $"received from {Or(Text(details, "clientAddress"), "this host")} ({Or(Text(details, "clientHello"), "no name")}) by {Or(Text(details, "protocol"), "no protocol")}, user {Or(Text(details, "user"), "none")}";
        if (Text(details, "envelopeId") is { Length: > 0 } envelopeId)
            yield return $"envelope id: {envelopeId}";
        if (Time(details, "heldForSenderUntil") is { Length: > 0 } held)
            yield return $"held for its sender until {held}";
        if (Time(details, "deliverBy") is { Length: > 0 } by)
            yield return $"to be delivered by {by}";
        yield return "recipients:";
        foreach (JsonElement recipient in details.GetProperty("recipients").EnumerateArray())
        {
            string remote = Text(recipient, "remote");
            yield return $"  {Text(recipient, "address")} {Text(recipient, "phase")} {Text(recipient, "lastReply")}{(remote.Length > 0 ? $" ({remote})" : "")}".TrimEnd();
        }

        if (details.GetProperty("attempts").GetArrayLength() > 0)
            yield return "attempts:";
        foreach (JsonElement attempt in details.GetProperty("attempts").EnumerateArray())
        {
            yield return $"  {Text(attempt, "number")} at {Time(attempt, "at")} via {Text(attempt, "hop")}: {Text(attempt, "delivered")} delivered, {Text(attempt, "deferred")} deferred, {Text(attempt, "failed")} failed, "
                + $"{Text(attempt, "seconds")} s, TLS {Or(Text(attempt, "tls"), "none")}: {Text(attempt, "reply")} ({Or(Text(attempt, "remote"), "nobody answered")})";
        }
    }

    /// <summary>A next hop on one line.</summary>
    public static string DescribeHop(JsonElement hop)
    {
        string until = Time(hop, "suspendedUntil"), trouble = Text(hop, "trouble");
        string state = hop.GetProperty("suspendedByOperator").GetBoolean() ? "suspended by an operator" : until.Length > 0 ? $"down, tried again {until}" : "up";
        return $"{Text(hop, "hop")} {state}, ready {Text(hop, "ready")}, attempts {Text(hop, "active")} of {Text(hop, "limit")}{(trouble.Length > 0 ? $": {trouble}" : "")}";
    }

    /// <summary>A value as text; empty where there is none.</summary>
    public static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? TerminalText.Escape(value.ToString()) : "";

    private static string Time(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out DateTimeOffset time)
            ? time.ToString("u", CultureInfo.InvariantCulture)
            : "";

    private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;
}
