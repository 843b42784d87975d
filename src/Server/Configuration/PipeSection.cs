using System.Globalization;
using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>
/// The keys of a section <c>Pipe</c>: how programs that take mail are run, for relays by <c>pipe:</c>, <c>maildrop:</c> and <c>dovecot-lda:</c>. A
/// route has a section of its own, for what is different there.
/// </summary>
/// <param name="reader">The settings.</param>
/// <param name="owner">What stands before the keys <c>Relay</c> and <c>Pipe</c>: nothing, or a route's name with its last colon.</param>
internal sealed class PipeSection(SettingsReader reader, string owner = "")
{
    private string Name => owner + "Pipe:";

    private string CommandKey => Name + "Command";

    private string UserKey => Name + "User";

    private string RelayKey => owner + nameof(ServeSettings.Relay);

    /// <summary>Reads the section.</summary>
    /// <param name="relay">The relay that it is for.</param>
    /// <param name="plain">What holds where the section says nothing.</param>
    public PipeSettings Read(RelayAddress relay, PipeProcessOptions plain)
    {
        IReadOnlyList<string> words = reader.List(CommandKey, [], static word => word);
        IReadOnlyList<string> extra = reader.List(Name + "ExtraArguments", [], static word => word);
        int processes = reader.Number(Name + nameof(plain.MaxProcesses), plain.MaxProcesses, 1, 10_000);
        string user = reader.Text(UserKey, ""), group = reader.Text(Name + nameof(plain.Group), "");
        string scratch = reader.Parsed(Name + nameof(plain.ScratchDirectory), "", ParseFolder);
        PipeProcessOptions process = plain with
        {
            Timeout = reader.Duration(Name + nameof(plain.Timeout), plain.Timeout),
            KillDelay = reader.Duration(Name + nameof(plain.KillDelay), plain.KillDelay),
            MaxProcesses = relay.Processes ?? processes,
            RecipientsPerProcess = reader.Number(Name + nameof(plain.RecipientsPerProcess), plain.RecipientsPerProcess, 1, 1000),
            User = user.Length > 0 ? user : plain.User,
            Group = group.Length > 0 ? group : plain.Group,
            Directory = reader.Parsed(Name + nameof(plain.Directory), plain.Directory, ParseFolder),
            Environment = ReadEnvironment(plain.Environment),
            LineEnds = reader.Choice(Name + nameof(plain.LineEnds), plain.LineEnds),
            AddReturnPath = ReadAnswer(Name + nameof(plain.AddReturnPath), plain.AddReturnPath),
            AddDeliveredTo = reader.Truth(Name + nameof(plain.AddDeliveredTo), plain.AddDeliveredTo),
            IsFinal = ReadAnswer(Name + nameof(plain.IsFinal), plain.IsFinal),
            AllowLeadingHyphen = reader.Truth(Name + nameof(plain.AllowLeadingHyphen), plain.AllowLeadingHyphen),
            TransientExitCodes = ReadCodes(Name + nameof(plain.TransientExitCodes), [.. plain.TransientExitCodes]),
            PermanentExitCodes = ReadCodes(Name + nameof(plain.PermanentExitCodes), [.. plain.PermanentExitCodes]),
            ScratchDirectory = scratch.Length > 0 ? scratch : plain.ScratchDirectory,
        };
        if (process.Timeout > PipeProcessOptions.Longest)
            reader.Refuse(Name + nameof(plain.Timeout), $"must be {PipeProcessOptions.Longest.TotalDays}d at most");
        if (process.KillDelay > PipeProcessOptions.Longest)
            reader.Refuse(Name + nameof(plain.KillDelay), $"must be {PipeProcessOptions.Longest.TotalDays}d at most");
        if (process.AddDeliveredTo && process.RecipientsPerProcess > 1)
            reader.Refuse(Name + nameof(plain.AddDeliveredTo), $"a Delivered-To field names one recipient; set {Name}{nameof(plain.RecipientsPerProcess)} to 1");
        if (process.TransientExitCodes.Intersect(process.PermanentExitCodes).Any())
            reader.Refuse(Name + nameof(plain.PermanentExitCodes), $"names a code that {Name}{nameof(plain.TransientExitCodes)} names as well");
        return new PipeSettings(ReadCommand(relay, words, extra), extra, process);
    }

    /// <summary>Makes the relay once, to see whether it can be made: whether the user exists and the arguments have no unknown macros.</summary>
    public void Try(PipeSettings settings, RelayAddress relay)
    {
        if (!relay.IsProgram)
            return;
        try
        {
            // Nothing runs before a first attempt, so nothing has to be waited for.
            _ = settings.MakeRelay(relay, TimeProvider.System, loggers: null).DisposeAsync().AsTask();
        }
        catch (FormatException wrong)
        {
            reader.Refuse(settings.Extra.Count > 0 ? Name + "ExtraArguments" : RelayKey, wrong.Message);
        }
        catch (ArgumentException wrong)
        {
            string key = wrong.ParamName switch
            {
                "given" => Name + nameof(PipeProcessOptions.Environment),
                "group" => Name + nameof(PipeProcessOptions.Group),
                _ => UserKey,
            };
            reader.Refuse(key, WithoutParameter(wrong));
        }
        catch (PlatformNotSupportedException wrong)
        {
            reader.Refuse(RelayKey, wrong.Message);
        }
    }

    private PipeCommand? ReadCommand(RelayAddress relay, IReadOnlyList<string> words, IReadOnlyList<string> extra)
    {
        if (relay.Kind != RelayKind.Pipe)
        {
            if (words.Count > 0)
                reader.Refuse(CommandKey, $"is for a relay pipe: only, and {RelayKey} is none");
            return null;
        }

        if (extra.Count > 0)
            reader.Refuse(Name + "ExtraArguments", "is for a relay by maildrop: or dovecot-lda:; with pipe: write them into the command");
        if (relay.Command is not null && words.Count > 0)
            reader.Refuse(CommandKey, $"the command stands behind pipe: in {RelayKey} already; give one of both");
        if (relay.Command is not null)
            return relay.Command;
        try
        {
            return PipeCommand.FromWords(words);
        }
        catch (FormatException wrong)
        {
            reader.Refuse(CommandKey, wrong.Message);
            return null;
        }
    }

    private Dictionary<string, string> ReadEnvironment(IReadOnlyDictionary<string, string> plain)
    {
        var variables = new Dictionary<string, string>(plain, StringComparer.Ordinal);
        foreach (KeyValuePair<string, string> variable in reader.List(Name + nameof(PipeProcessOptions.Environment), [], ParseVariable))
            variables[variable.Key] = variable.Value;
        return variables;
    }

    private static KeyValuePair<string, string> ParseVariable(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? KeyValuePair.Create(text[..equals], text[(equals + 1)..]) : throw new FormatException($"'{text}' is not NAME=VALUE");
    }

    private IReadOnlyList<int> ReadCodes(string key, IReadOnlyList<int> plain) => reader.List(key, plain, static text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code) && code is > 0 and < 256
            ? code
            : throw new FormatException($"'{text}' is not an exit code from 1 to 255"));

    private bool? ReadAnswer(string key, bool? plain) => reader.Text(key, "").Length == 0 ? plain : reader.Truth(key, fallback: false);

    private static string ParseFolder(string text) =>
        text.Length == 0 || Path.IsPathRooted(text) ? text : throw new FormatException($"'{text}' is not an absolute path");

    private static string WithoutParameter(ArgumentException wrong) =>
        wrong.ParamName is null ? wrong.Message : wrong.Message.Replace($" (Parameter '{wrong.ParamName}')", "", StringComparison.Ordinal);
}
