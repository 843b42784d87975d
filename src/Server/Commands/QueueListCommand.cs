using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SlimtaFast.Server.Administration;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast queue list</c>, <c>show</c>, <c>hops</c> and <c>stats</c>: what a running server has in its queue.</summary>
internal static class QueueListCommand
{
    private const int UsualMost = 1000;
    private const int PageSize = 200;

    /// <summary>Makes <c>list</c>.</summary>
    public static Command CreateList()
    {
        Option<int> most = new("--most") { HelpName = "N", Description = $"How many at most. Default: {UsualMost}.", DefaultValueFactory = static _ => UsualMost };
        Option<bool> json = new("--json") { Description = "One JSON object a line, as the admin API gives it." };
        var command = new Command(
            "list",
            """
            Lists the messages in the queue of a running server, one a line: id, state, octets, when it was received, sender, recipients that are
            still open, next hop, attempts, when the next one is due, and what the last one was told.

            Control characters and whatever else could deceive a terminal are shown as \u{1B}.

            Examples:
              slimtafast queue list
              slimtafast queue list --sender @example.com --older-than 4h
              slimtafast queue list --recipient =bob@example.net --json
            """) { most, json };
        var filter = new MessageFilterOptions(command);
        var server = new AdminServerOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            int left = parsed.GetValue(most);
            if (left < 1)
                throw new UsageException("--most: at least 1");
            TextWriter output = parsed.InvocationConfiguration.Output;
            using AdminApi api = await server.OpenAsync(parsed, cancellationToken);
            string query = MessageFilterOptions.ToQuery(filter.Read(parsed));
            string? cursor = null;
            bool isPart, isCut = false;
            do
            {
                string path = string.Create(CultureInfo.InvariantCulture, $"messages?limit={Math.Min(left, PageSize)}&{query}") + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor));
                JsonElement page = await api.GetAsync(path, cancellationToken);
                isPart = page.GetProperty("onlyThisProcess").GetBoolean();
                foreach (JsonElement message in page.GetProperty("messages").EnumerateArray())
                {
                    if (isCut = left == 0)
                        break;
                    left--;
                    await output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(message, AnswerJson.Default.JsonElement) : MessageText.Describe(message));
                }

                cursor = page.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
            }
            while (cursor is not null && left > 0);
            if ((isCut || cursor is not null) && !parsed.GetValue(json))
                await output.WriteLineAsync("there may be more: see --most");
            if (isPart && !parsed.GetValue(json))
                await output.WriteLineAsync("only what the asked process has: others may have more");
            return 0;
        });
        return command;
    }

    /// <summary>Makes <c>show</c>.</summary>
    public static Command CreateShow()
    {
        Argument<string> id = new("ID") { Description = "The message, as 'queue list' and the log name it." };
        Option<bool> json = new("--json") { Description = "As the admin API gives it." };
        var command = new Command("show", "Shows all that is known of a message: why it waits and until when, each recipient with its last reply, and the attempts since the server's start.") { id, json };
        var server = new AdminServerOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminApi api = await server.OpenAsync(parsed, cancellationToken);
            JsonElement details = await api.GetAsync("messages/" + Uri.EscapeDataString(parsed.GetValue(id)!), cancellationToken);
            TextWriter output = parsed.InvocationConfiguration.Output;
            foreach (string line in parsed.GetValue(json) ? [JsonSerializer.Serialize(details, AnswerJson.Default.JsonElement)] : MessageText.DescribeAll(details))
                await output.WriteLineAsync(line);
            return 0;
        });
        return command;
    }

    /// <summary>Makes <c>stats</c>.</summary>
    public static Command CreateStats()
    {
        var command = new Command("stats", "Prints how much waits in the queue of a running server, and whether deliveries are paused.");
        var server = new AdminServerOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminApi api = await server.OpenAsync(parsed, cancellationToken);
            JsonElement stats = await api.GetAsync("stats", cancellationToken);
            foreach (JsonProperty figure in stats.EnumerateObject())
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"{figure.Name}: {TerminalText.Escape(figure.Value.ToString())}");
            return 0;
        });
        return command;
    }

    /// <summary>Makes <c>hops</c>.</summary>
    public static Command CreateHops()
    {
        Option<string?> suspend = new("--suspend") { HelpName = "NAME", Description = "Attempt nothing for this next hop until it is resumed, or the server restarted." };
        Option<string?> resume = new("--resume") { HelpName = "NAME", Description = "Use this next hop now, although it was down or is suspended." };
        var command = new Command("hops", "Lists the next hops with something to do and those that are down; suspends or resumes one.") { suspend, resume };
        var server = new AdminServerOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            (string? off, string? on) = (parsed.GetValue(suspend), parsed.GetValue(resume));
            if (off is not null && on is not null)
                throw new UsageException("--suspend and --resume: one at a time");
            using AdminApi api = await server.OpenAsync(parsed, cancellationToken);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if ((off ?? on) is { } hop)
            {
                JsonElement answer = await api.PostAsync(off is not null ? "hops/suspend" : "hops/resume", new JsonObject { ["hop"] = hop }, cancellationToken);
                bool isChanged = answer.GetProperty("isChanged").GetBoolean();
                await output.WriteLineAsync($"{TerminalText.Escape(hop)} {(isChanged ? "is" : "was already")} {(off is not null ? "suspended" : "in use")}");
                return 0;
            }

            JsonElement list = await api.GetAsync("hops", cancellationToken);
            foreach (JsonElement each in list.GetProperty("hops").EnumerateArray())
                await output.WriteLineAsync(MessageText.DescribeHop(each));
            if (list.GetProperty("more").GetInt32() is > 0 and { } more)
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"and {more} less busy ones"));
            return 0;
        });
        return command;
    }

    /// <summary>Makes <c>pause</c> and <c>resume</c>.</summary>
    public static Command CreatePause(bool pauses)
    {
        var command = pauses
            ? new Command("pause", "Starts no attempt from now on, until 'queue resume' or a restart; mail is accepted meanwhile, and attempts that run end.")
            : new Command("resume", "Goes on with deliveries after 'queue pause'.");
        var server = new AdminServerOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminApi api = await server.OpenAsync(parsed, cancellationToken);
            await api.PostAsync(pauses ? "pause" : "resume", new JsonObject(), cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(pauses ? "deliveries are paused" : "deliveries go on");
            return 0;
        });
        return command;
    }
}
