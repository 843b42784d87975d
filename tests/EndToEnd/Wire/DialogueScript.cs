using System.Globalization;
using System.Text.RegularExpressions;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>A script of <c>dialogues/</c>, whose README.md tells the format.</summary>
internal sealed partial class DialogueScript
{
    private readonly List<ScriptStep> _steps = [];
    private readonly List<byte[]> _messages = [];
    private readonly List<string> _relayed = [];
    private readonly List<string> _options = [];
    private readonly Dictionary<string, string> _environment = [];
    private readonly Dictionary<string, string> _users = [];
    private readonly List<Regex> _lines = [];
    private readonly char _ours;

    private DialogueScript(string name, char ours)
    {
        Name = name;
        _ours = ours;
    }

    /// <summary>The file's name without its ending.</summary>
    public string Name { get; }

    /// <summary>What the case is.</summary>
    public string Title { get; private set; } = "";

    /// <summary>What the server is started with, beyond the usual.</summary>
    public IReadOnlyList<string> Options => _options;

    /// <summary>Settings of the server that have no option.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>Who may log in to the server, and with which password.</summary>
    public IReadOnlyDictionary<string, string> Users => _users;

    /// <summary>True where the server offers STARTTLS.</summary>
    public bool OffersTls { get; private set; }

    /// <summary>True where the next hop speaks LMTP.</summary>
    public bool IsLmtp { get; private set; }

    /// <summary>How it is played.</summary>
    public IReadOnlyList<Fragmentation> Fragmentations { get; private set; } = Enum.GetValues<Fragmentation>();

    /// <summary>Through what it is played; <c># covers: plain</c> where it is about octets that are no mail protocol.</summary>
    public IReadOnlyList<Cover> Covers { get; private set; } = [Cover.Plain, Cover.Tls];

    /// <summary>How many messages arrive at the next hop.</summary>
    public int Delivered { get; private set; }

    /// <summary>The octets of the messages: those that arrive, or those that our client has to send.</summary>
    public IReadOnlyList<byte[]> Messages => _messages;

    /// <summary>What commands to the next hop start with, of which there has to be one each.</summary>
    public IReadOnlyList<string> Relayed => _relayed;

    /// <summary>Keywords that the next hop offers, or null for the usual ones.</summary>
    public IReadOnlyList<string>? HopKeywords { get; private set; }

    /// <summary>Recipients of the message that our client has to send.</summary>
    public IReadOnlyList<string> Recipients { get; private set; } = ["b@hop.test"];

    /// <summary>What becomes of the message that our client has to send: delivered, deferred, failed, mixed, or down.</summary>
    public string Outcome { get; private set; } = "";

    /// <summary>What the line of the log says about it.</summary>
    public Regex Said { get; private set; } = new("");

    /// <summary>The steps.</summary>
    public IReadOnlyList<ScriptStep> Steps => _steps;

    /// <summary>Reads a script in which we speak as a client.</summary>
    public static DialogueScript ReadForClient(string name, string text) => Read(name, text, 'C');

    /// <summary>Reads a script in which we speak as a server.</summary>
    public static DialogueScript ReadForServer(string name, string text) => Read(name, text, 'S');

    private static DialogueScript Read(string name, string text, char ours)
    {
        var script = new DialogueScript(name, ours);
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            try
            {
                script.Take(lines[i], i + 1);
            }
            catch (Exception mistake) when (mistake is FormatException or ArgumentException or OverflowException)
            {
                throw new FormatException($"{name}, line {i + 1}: {mistake.Message}", mistake);
            }
        }

        if (script.Title.Length == 0 || script._steps.Count == 0 || script._lines.Count > 0)
            throw new FormatException($"{name} has no title, no steps, or no last line of a reply.");
        return script;
    }

    private void Take(string line, int number)
    {
        if (line.Length == 0 || line[0] == ';')
            return;
        if (Header().Match(line) is { Success: true } header)
        {
            TakeHeader(header.Groups["key"].Value, header.Groups["value"].Value);
            return;
        }

        if (Step().Match(line) is not { Success: true } step)
            throw new FormatException("neither a header, nor a step, nor a comment");
        int count = step.Groups["count"].Success ? int.Parse(step.Groups["count"].Value, CultureInfo.InvariantCulture) : 1;
        string text = step.Groups["text"].Value;
        bool isRaw = step.Groups["raw"].Value == ">";
        if (step.Groups["side"].Value[0] == _ours)
            TakeOurs(text, isRaw, count, number);
        else if (!isRaw)
            TakeTheirs(text, count, number);
        else
            throw new FormatException("what the other side sends cannot be told raw");
    }

    private void TakeHeader(string key, string value)
    {
        switch (key)
        {
            case "title":
                Title = value;
                break;
            case "source":
                break;
            case "options":
                _options.AddRange(value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                break;
            case "environment":
                foreach (string[] setting in value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static s => s.Split('=', 2)))
                    _environment["SLIMTAFAST__" + setting[0]] = setting[1];
                break;
            case "certificate":
                OffersTls = value == "yes" ? true : throw new FormatException("the only word here is yes");
                break;
            case "protocol":
                IsLmtp = value == "lmtp" ? true : throw new FormatException("the only word here is lmtp");
                break;
            case "users":
                foreach (string[] user in value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static u => u.Split(':', 2)))
                    _users.Add(user[0], user[1]);
                break;
            case "fragments":
                Fragmentations = [.. value.Split(' ').Select(static f => Enum.Parse<Fragmentation>(f, ignoreCase: true))];
                break;
            case "covers":
                Covers = [.. value.Split(' ').Select(static c => Enum.Parse<Cover>(c, ignoreCase: true))];
                break;
            case "delivered":
                Delivered = int.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "message":
                _messages.Add(ScriptText.ToOctets(value));
                break;
            case "relayed":
                _relayed.Add(value);
                break;
            case "hop":
                HopKeywords = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                break;
            case "recipients":
                Recipients = value.Split(' ');
                break;
            case "outcome":
                Outcome = value;
                break;
            case "said":
                Said = new Regex(value);
                break;
            default:
                throw new FormatException($"there is no header '{key}'");
        }
    }

    private void TakeOurs(string text, bool isRaw, int count, int number)
    {
        StepKind? special = text switch
        {
            _ when isRaw => null,
            "<shutdown>" => StepKind.Shutdown,
            "<tls>" => StepKind.Handshake,
            "<close>" => StepKind.Close,
            "<reset>" => StepKind.Reset,
            _ => null,
        };
        if (special is { } kind)
        {
            _steps.Add(new ScriptStep(kind, number));
            return;
        }

        byte[] octets = ScriptText.ToOctets(isRaw ? text : text + "\\r\\n");
        _steps.Add(new ScriptStep(StepKind.Send, number) { Octets = count == 1 ? octets : [.. Enumerable.Repeat(octets, count).SelectMany(static o => o)] });
    }

    private void TakeTheirs(string text, int count, int number)
    {
        StepKind kind = text switch
        {
            "<closed>" => StepKind.ExpectEnd,
            "<content>" => StepKind.ExpectContent,
            "<chunk>" => StepKind.ExpectChunk,
            _ => StepKind.Expect,
        };
        if (kind == StepKind.Expect && MiddleLine().IsMatch(text))
        {
            _lines.Add(new Regex($"^(?:{text})"));
            return;
        }

        _steps.Add(new ScriptStep(kind, number) { Pattern = kind == StepKind.Expect ? new Regex($"^(?:{text})") : null, Lines = [.. _lines], Count = count });
        _lines.Clear();
    }

    [GeneratedRegex(@"^# (?<key>[a-z]+): (?<value>.*)$")]
    private static partial Regex Header();

    [GeneratedRegex(@"^(?<side>[CS])(?:\*(?<count>[0-9]+))?(?<raw>[:>])(?: (?<text>.*))?$")]
    private static partial Regex Step();

    [GeneratedRegex("^[0-9]{3}-")]
    private static partial Regex MiddleLine();
}
