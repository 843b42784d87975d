using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SlimtaFast.Server.Administration;

/// <summary>What <c>/api/v1/live</c> tells, as lines for a terminal; none is wider than the terminal where its width is known.</summary>
internal sealed class TopScreen
{
    private const string Bold = "1";
    private const string Red = "31";
    private const string Green = "32";
    private const string Yellow = "33";

    private const int NameColumn = 34;

    private static readonly (string Name, string Title, string Unit)[] Rates =
        [("accepted", "accepted", "messages"), ("delivered", "delivered", "recipients"), ("deferred", "deferred", "recipients"), ("bounced", "bounced", "recipients"), ("refused", "refused", "times")];

    private readonly List<string> _lines = [];
    private readonly bool _colours;
    private readonly int _width;

    private TopScreen(bool colours, int width)
    {
        _colours = colours;
        _width = width;
    }

    /// <summary>The lines.</summary>
    /// <param name="live">The answer.</param>
    /// <param name="server">Whose answer it is.</param>
    /// <param name="colours">Whether the terminal shows colours.</param>
    /// <param name="width">Columns; 0 for as many as it takes.</param>
    /// <param name="height">Lines at most; 0 for as many as it takes.</param>
    public static IReadOnlyList<string> Draw(JsonElement live, string server, bool colours, int width, int height)
    {
        var screen = new TopScreen(colours, width);
        JsonElement figures = live.GetProperty("figures");
        bool hasQueue = live.TryGetProperty("queue", out JsonElement queue) && queue.ValueKind == JsonValueKind.Object;
        screen.AddHead(live, server, hasQueue ? queue : null);
        screen.AddRates(figures);
        screen.AddDurations(figures);
        if (hasQueue)
            screen.AddQueue(live, queue);
        if (live.TryGetProperty("hops", out JsonElement hops) && hops.ValueKind == JsonValueKind.Object)
            screen.AddHops(hops, height == 0 ? int.MaxValue : height - screen._lines.Count - 2);
        return height > 0 && screen._lines.Count > height ? screen._lines[..height] : screen._lines;
    }

    /// <summary>A duration in its two largest units.</summary>
    public static string Duration(double seconds)
    {
        if (seconds < 0.001)
            return Invariant($"{seconds * 1e6:0} us");
        if (seconds < 1)
            return Invariant($"{seconds * 1000:0.#} ms");
        if (seconds < 60)
            return Invariant($"{seconds:0.#} s");
        var time = TimeSpan.FromSeconds(seconds);
        if (time.Days > 0)
            return Invariant($"{time.Days} d {time.Hours} h");
        return time.Hours > 0 ? Invariant($"{time.Hours} h {time.Minutes} min") : Invariant($"{time.Minutes} min {time.Seconds} s");
    }

    private void AddHead(JsonElement live, string server, JsonElement? queue)
    {
        (string condition, string colour) = Judge(queue);
        string time = live.GetProperty("at").GetDateTimeOffset().ToString("u", CultureInfo.InvariantCulture);
        Add(
            (TerminalText.Escape(server), Bold), ($"  {time}  ", ""), (condition, colour),
            (Invariant($"  {live.GetProperty("figures").GetProperty("connections").GetInt64()} connections, counted for {Duration(live.GetProperty("figures").GetProperty("upSeconds").GetDouble())}"), ""));
        Add();
    }

    private static (string Text, string Colour) Judge(JsonElement? queue)
    {
        if (queue is not { } known)
            return ("relays while clients wait", Green);
        if (!known.GetProperty("acceptsNew").GetBoolean())
            return ($"takes no new mail: {MessageText.Text(known, "storageProblem")}", Red);
        if (known.GetProperty("paused").GetBoolean())
            return ("deliveries are paused", Yellow);
        if (known.GetProperty("holds").GetBoolean())
            return ("stores only", Yellow);
        return known.GetProperty("loading").GetBoolean() ? ("reading what is stored", Yellow) : ("delivers", Green);
    }

    private void AddRates(JsonElement figures)
    {
        Add((Invariant($"{"",-12}{"now/s",12}{"minute/s",12}{"in all",16}"), Bold));
        foreach ((string name, string title, string unit) in Rates)
        {
            JsonElement rate = figures.GetProperty(name);
            Add((Invariant($"{title,-12}{Rate(rate, "now"),12}{Rate(rate, "minute"),12}{rate.GetProperty("total").GetInt64(),16:#,0} {unit}"), ""));
        }

        Add();
    }

    private void AddDurations(JsonElement figures)
    {
        AddDistribution(figures, "delivery", "250 to delivery", static value => Duration(value));
        AddDistribution(figures, "flush", "flush", static value => Duration(value));
        AddDistribution(figures, "batch", "requests a flush", static value => Invariant($"{value:0.#}"));
        Add();
    }

    private void AddDistribution(JsonElement figures, string name, string title, Func<double, string> show)
    {
        if (!figures.TryGetProperty(name, out JsonElement known) || known.ValueKind != JsonValueKind.Object)
            return;
        string Part(string part) => show(known.GetProperty(part).GetDouble());
        Add((Invariant($"{title,-18}half within {Part("median")}, 95 of 100 within {Part("p95")}, 99 within {Part("p99")}"), ""));
    }

    private void AddQueue(JsonElement live, JsonElement queue)
    {
        Add(
            ("queue  ", Bold),
            (Invariant($"{Number(queue, "waiting"):#,0} waiting, {Number(queue, "ready"):#,0} ready, {Number(queue, "active"):#,0} attempted now, {Number(queue, "storedItems"):#,0} stored"), ""),
            (Number(queue, "suspendedHops") is > 0 and { } down ? Invariant($", {down:#,0} next {(down == 1 ? "hop" : "hops")} down") : "", Red));
        if (live.TryGetProperty("oldest", out JsonElement oldest) && oldest.ValueKind == JsonValueKind.Object)
            Add(("oldest ", Bold), ($"{Duration(oldest.GetProperty("seconds").GetDouble())}, {MessageText.Text(oldest, "id")}", ""));
        Add();
    }

    private void AddHops(JsonElement hops, int room)
    {
        JsonElement list = hops.GetProperty("hops");
        if (list.GetArrayLength() == 0)
            return;
        Add((Invariant($"{"next hop",-NameColumn}{"ready",10}{"now",8}{"most",6}  state"), Bold));
        foreach (JsonElement hop in list.EnumerateArray().Take(Math.Max(0, room)))
        {
            string until = MessageText.Text(hop, "suspendedUntil");
            bool isStopped = hop.GetProperty("suspendedByOperator").GetBoolean();
            string trouble = MessageText.Text(hop, "trouble");
            string state = isStopped ? "suspended by an operator" : until.Length > 0 ? "down" : "in use";
            Add(
                (Invariant($"{Cut(MessageText.Text(hop, "hop"), NameColumn - 1),-NameColumn}{Number(hop, "ready"),10:#,0}{Number(hop, "active"),8:#,0}{Number(hop, "limit"),6:#,0}  "), ""),
                (state, isStopped ? Yellow : until.Length > 0 ? Red : Green), (trouble.Length > 0 ? ": " + trouble : "", ""));
        }

        long more = Number(hops, "more") + Math.Max(0, list.GetArrayLength() - Math.Max(0, room));
        if (more > 0)
            Add((Invariant($"and {more:#,0} more"), ""));
    }

    private void Add(params ReadOnlySpan<(string Text, string Colour)> parts)
    {
        var line = new StringBuilder();
        int left = _width > 0 ? _width : int.MaxValue;
        foreach ((string text, string colour) in parts)
        {
            string shown = text.Length <= left ? text : text[..FitWhole(text, left)];
            left -= shown.Length;
            bool isColoured = _colours && colour.Length > 0 && shown.Length > 0;
            line.Append(isColoured ? $"\e[{colour}m{shown}\e[0m" : shown);
        }

        _lines.Add(line.ToString().TrimEnd());
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..FitWhole(text, most - 1)] + ">";

    // No half of a character.
    private static int FitWhole(string text, int length) => length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;

    private static long Number(JsonElement parent, string name) => parent.GetProperty(name).GetInt64();

    private static string Rate(JsonElement rate, string name) => Invariant($"{rate.GetProperty(name).GetDouble():#,0.0}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
