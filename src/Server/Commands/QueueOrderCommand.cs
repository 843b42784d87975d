using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SlimtaFast.Server.Administration;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast queue retry</c>, <c>hold</c>, <c>release</c>, <c>reroute</c> and <c>remove</c>: orders for messages in the queue of a running server.</summary>
internal static class QueueOrderCommand
{
    // A request is at most 64 KiB long.
    private const int IdsAtOnce = 1000;

    /// <summary>Makes all of them.</summary>
    public static IEnumerable<Command> CreateAll()
    {
        yield return Create("retry", "Attempts messages now, instead of when they are due; a next hop of theirs that is down is tried, too.");
        yield return Create("hold", "Keeps messages and attempts nothing, until 'queue release'. They are held after a restart as well, and do not expire.");
        yield return Create("release", "Lets go of messages that are held, by an operator or because their sender wanted it: they are attempted now.");
        yield return CreateReroute();
        yield return CreateRemove();
    }

    private static Command CreateReroute()
    {
        Option<string?> to = new("--to") { HelpName = "DOMAIN", Description = "The domain whose route they take: one of Routes, or one whose mail exchangers are to have them." };
        Option<bool> own = new("--own-route") { Description = "Back to the route of their recipients' own domain." };
        Command command = Create(
            "reroute",
            "Sends messages by the route of another domain than their recipients', until further notice: they are attempted now, and what is held stays held. The recipients do not change.",
            ["--to backup.internal --recipient @example.net", "--own-route --all"],
            (parsed, order) =>
            {
                string? domain = parsed.GetValue(to);
                if ((domain is null) != parsed.GetValue(own))
                    throw new UsageException("queue reroute: either --to or --own-route says which way");
                order["action"] = "reroute";
                if (domain is null)
                    order["ownRoute"] = true;
                else
                    order["to"] = domain;
            });
        command.Add(to);
        command.Add(own);
        return command;
    }

    private static Command Create(string action, string description) =>
        Create(action, description, ["0197a8c3f1e27d4c8b5a6f0e9d3c2b1a", "--sender @example.com --older-than 4h"], (_, order) => order["action"] = action);

    private static Command CreateRemove()
    {
        Option<bool> bounce = new("--bounce") { Description = "Report the failure to the sender." };
        Command command = Create(
            "remove",
            "Throws messages away for good; nobody is told, or with --bounce their senders are, as of any failure.",
            ["0197a8c3f1e27d4c8b5a6f0e9d3c2b1a", "--sender @example.com --older-than 4h"],
            (parsed, order) => order["action"] = parsed.GetValue(bounce) ? "bounce" : "remove");
        command.Add(bounce);
        return command;
    }

    private static Command Create(string action, string description, string[] examples, Action<ParseResult, JsonObject> say)
    {
        Argument<string[]> ids = new("ID") { Description = "The messages, as 'queue list' and the log name them.", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> all = new("--all") { Description = "Every message in the queue." };
        var command = new Command(
            action,
            $"""
            {description}

            Which messages is said by their ids, by a filter ('queue list' with the same filter shows them beforehand), or by --all. Exit code 0 where it
            is done for all of them, 1 otherwise. What is being attempted at the moment is refused as busy, and what another process has of a storage that
            they share as elsewhere.

            Examples:
              slimtafast queue {action} {examples[0]}
              slimtafast queue {action} {examples[1]}
            """) { ids, all };
        var filter = new MessageFilterOptions(command);
        var server = new AdminServerOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string[] names = parsed.GetValue(ids) ?? [];
            JsonObject wanted = filter.Read(parsed);
            bool isAll = parsed.GetValue(all);
            if ((names.Length > 0 ? 1 : 0) + (wanted.Count > 0 ? 1 : 0) + (isAll ? 1 : 0) != 1)
                throw new UsageException($"queue {action}: ids, a filter or --all says which messages are meant, and only one of these");
            var order = new JsonObject();
            say(parsed, order);
            using AdminApi api = await server.OpenAsync(parsed, cancellationToken);
            var counts = new Dictionary<string, int>();
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (names.Length > 0)
            {
                foreach (string[] some in names.Chunk(IdsAtOnce))
                {
                    order["ids"] = new JsonArray(some.Select(static id => (JsonNode?)id).ToArray());
                    await OrderAsync(api, order, output, counts, cancellationToken);
                }
            }
            else
            {
                await OrderAllAsync(api, order, isAll ? null : wanted, output, counts, cancellationToken);
            }

            await output.WriteLineAsync(counts.Count == 0 ? "no such messages" : string.Join(", ", counts.Select(static count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key}"))));
            return counts.Keys.All(IsGood) ? 0 : 1;
        });
        return command;
    }

    private static bool IsGood(string outcome) => outcome is "done" or "unchanged";

    private static string Explain(string outcome) => outcome switch
    {
        "elsewhere" => ": another process has it at the moment; ask again, or ask that one",
        "outOfReach" => ": the asked process does not have it, and a broker hands nothing out by its id",
        _ => "",
    };

    private static async Task OrderAllAsync(AdminApi api, JsonObject order, JsonObject? filter, TextWriter output, Dictionary<string, int> counts, CancellationToken cancellationToken)
    {
        if (filter is null)
            order["all"] = true;
        else
            order["filter"] = filter;
        string? cursor = null;
        do
        {
            if (cursor is not null)
                order["cursor"] = cursor;
            cursor = await OrderAsync(api, order, output, counts, cancellationToken);
        }
        while (cursor is not null);
    }

    // What was not done is told message by message; and which ones a filter has held, so that just these can be let go of again.
    private static async Task<string?> OrderAsync(AdminApi api, JsonObject order, TextWriter output, Dictionary<string, int> counts, CancellationToken cancellationToken)
    {
        bool namesHeld = !order.ContainsKey("ids") && order["action"]!.GetValue<string>() == "hold";
        JsonElement answer = await api.PostAsync("messages/actions", order, cancellationToken);
        foreach (JsonElement message in answer.GetProperty("messages").EnumerateArray())
        {
            string outcome = MessageText.Text(message, "outcome");
            counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
            if (!IsGood(outcome) || (outcome == "done" && namesHeld))
                await output.WriteLineAsync($"{MessageText.Text(message, "id")} {outcome}{Explain(outcome)}");
        }

        return answer.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
    }
}
