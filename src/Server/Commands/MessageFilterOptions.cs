using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Commands;

/// <summary>The options that say which messages of the queue are meant.</summary>
internal sealed class MessageFilterOptions
{
    private readonly Option<string?> _sender = new("--sender") { HelpName = "TEXT", Description = "Messages whose sender has TEXT in it, is ADDRESS (=ADDRESS), is of DOMAIN (@DOMAIN), or is the null reverse-path (<>)." };
    private readonly Option<string?> _recipient = new("--recipient") { HelpName = "TEXT", Description = "Messages with such a recipient: TEXT, =ADDRESS or @DOMAIN." };
    private readonly Option<string?> _hop = new("--hop") { HelpName = "NAME", Description = "Messages for this next hop, as 'queue hops' names it." };
    private readonly Option<string?> _state = new("--state") { HelpName = "STATE", Description = "waiting, held, ready, attempting, recording or changing; on a storage that processes share also elsewhere." };
    private readonly Option<TimeSpan?> _older = Age("--older-than", "Messages that have been in the queue for longer, such as 30m, 4h or 2d.");
    private readonly Option<TimeSpan?> _younger = Age("--younger-than", "Messages that have been in the queue for less.");
    private readonly Option<int?> _least = new("--min-attempts") { HelpName = "N", Description = "Messages with N attempts or more." };
    private readonly Option<int?> _most = new("--max-attempts") { HelpName = "N", Description = "Messages with N attempts or fewer." };

    /// <summary>Adds them to a command.</summary>
    public MessageFilterOptions(Command command)
    {
        foreach (Option option in new Option[] { _sender, _recipient, _hop, _state, _older, _younger, _least, _most })
            command.Add(option);
    }

    /// <summary>The filter as the API wants it; empty where nothing is said.</summary>
    public JsonObject Read(ParseResult parsed)
    {
        var filter = new JsonObject();
        AddAddress(filter, "sender", parsed.GetValue(_sender));
        AddAddress(filter, "recipient", parsed.GetValue(_recipient));
        if (parsed.GetValue(_hop) is { } hop)
            filter["hop"] = hop;
        if (parsed.GetValue(_state) is { } state)
            filter["state"] = state;
        if (parsed.GetValue(_older) is { } older)
            filter["olderThan"] = older.TotalSeconds;
        if (parsed.GetValue(_younger) is { } younger)
            filter["youngerThan"] = younger.TotalSeconds;
        if (parsed.GetValue(_least) is { } least)
            filter["minAttempts"] = least;
        if (parsed.GetValue(_most) is { } most)
            filter["maxAttempts"] = most;
        return filter;
    }

    /// <summary>The same as a query.</summary>
    public static string ToQuery(JsonObject filter) =>
        string.Join('&', filter.Select(static pair => $"{pair.Key}={Uri.EscapeDataString(string.Create(CultureInfo.InvariantCulture, $"{pair.Value}"))}"));

    // All recipients of a queued message are of one domain, so that this asks for no more than the domain, which needs no reading.
    private static void AddAddress(JsonObject filter, string name, string? text)
    {
        switch (text)
        {
            case null:
                return;
            case ['=', .. string address]:
                filter[name] = address;
                filter[name + "Match"] = "exact";
                return;
            case ['@', .. string domain] when name == "recipient":
                filter["domain"] = domain;
                return;
            case ['@', .. string domain]:
                filter[name] = domain;
                filter[name + "Match"] = "domain";
                return;
            default:
                filter[name] = text;
                return;
        }
    }

    private static Option<TimeSpan?> Age(string name, string description) => new(name)
    {
        HelpName = "TIME",
        Description = description,
        CustomParser = ArgumentText.With<TimeSpan?>(static text =>
            UnitText.TryParseDuration(text, out TimeSpan age) ? age : throw new FormatException($"'{text}' is not a time such as 30m, 4h or 2d")),
    };
}
