using System.Globalization;
using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Pipe</c>: how programs that take mail are run, for relays by <c>pipe:</c>, <c>maildrop:</c> and <c>dovecot-lda:</c>.</summary>
internal static class PipeSection
{
    private const string Name = "Pipe:";
    private const string CommandKey = Name + "Command";
    private const string UserKey = Name + "User";

    /// <summary>Reads the section.</summary>
    public static PipeSettings Read(SettingsReader reader, RelayAddress relay)
    {
        var plain = new PipeProcessOptions();
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
            User = user.Length > 0 ? user : null,
            Group = group.Length > 0 ? group : null,
            Directory = reader.Parsed(Name + nameof(plain.Directory), plain.Directory, ParseFolder),
            Environment = ReadEnvironment(reader),
            LineEnds = reader.Choice(Name + nameof(plain.LineEnds), plain.LineEnds),
            AddReturnPath = ReadAnswer(reader, Name + nameof(plain.AddReturnPath)),
            AddDeliveredTo = reader.Truth(Name + nameof(plain.AddDeliveredTo), plain.AddDeliveredTo),
            IsFinal = ReadAnswer(reader, Name + nameof(plain.IsFinal)),
            AllowLeadingHyphen = reader.Truth(Name + nameof(plain.AllowLeadingHyphen), plain.AllowLeadingHyphen),
            TransientExitCodes = ReadCodes(reader, Name + nameof(plain.TransientExitCodes)),
            PermanentExitCodes = ReadCodes(reader, Name + nameof(plain.PermanentExitCodes)),
            ScratchDirectory = scratch.Length > 0 ? scratch : null,
        };
        if (process.AddDeliveredTo && process.RecipientsPerProcess > 1)
            reader.Refuse(Name + nameof(plain.AddDeliveredTo), $"a Delivered-To field names one recipient; set {Name}{nameof(plain.RecipientsPerProcess)} to 1");
        if (process.TransientExitCodes.Intersect(process.PermanentExitCodes).Any())
            reader.Refuse(Name + nameof(plain.PermanentExitCodes), $"names a code that {Name}{nameof(plain.TransientExitCodes)} names as well");
        return new PipeSettings(ReadCommand(reader, relay, words, extra), extra, process);
    }

    /// <summary>Makes the relay once, to see whether it can be made: whether the user exists and the arguments have no unknown macros.</summary>
    public static void Try(SettingsReader reader, PipeSettings settings, RelayAddress relay)
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
            reader.Refuse(settings.Extra.Count > 0 ? Name + "ExtraArguments" : nameof(ServeSettings.Relay), wrong.Message);
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
            reader.Refuse(nameof(ServeSettings.Relay), wrong.Message);
        }
    }

    private static PipeCommand? ReadCommand(SettingsReader reader, RelayAddress relay, IReadOnlyList<string> words, IReadOnlyList<string> extra)
    {
        if (relay.Kind != RelayKind.Pipe)
        {
            if (words.Count > 0)
                reader.Refuse(CommandKey, $"is for a relay pipe: only, and {nameof(ServeSettings.Relay)} is none");
            return null;
        }

        if (extra.Count > 0)
            reader.Refuse(Name + "ExtraArguments", "is for a relay by maildrop: or dovecot-lda:; with pipe: write them into the command");
        if (relay.Command is not null && words.Count > 0)
            reader.Refuse(CommandKey, $"the command stands behind pipe: in {nameof(ServeSettings.Relay)} already; give one of both");
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

    private static Dictionary<string, string> ReadEnvironment(SettingsReader reader)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (KeyValuePair<string, string> variable in reader.List(Name + nameof(PipeProcessOptions.Environment), [], ParseVariable))
            variables[variable.Key] = variable.Value;
        return variables;
    }

    private static KeyValuePair<string, string> ParseVariable(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? KeyValuePair.Create(text[..equals], text[(equals + 1)..]) : throw new FormatException($"'{text}' is not NAME=VALUE");
    }

    private static IReadOnlyList<int> ReadCodes(SettingsReader reader, string key) => reader.List(key, [], static text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code) && code is > 0 and < 256
            ? code
            : throw new FormatException($"'{text}' is not an exit code from 1 to 255"));

    private static bool? ReadAnswer(SettingsReader reader, string key) => reader.Text(key, "").Length == 0 ? null : reader.Truth(key, fallback: false);

    private static string ParseFolder(string text) =>
        text.Length == 0 || Path.IsPathRooted(text) ? text : throw new FormatException($"'{text}' is not an absolute path");

    private static string WithoutParameter(ArgumentException wrong) =>
        wrong.ParamName is null ? wrong.Message : wrong.Message.Replace($" (Parameter '{wrong.ParamName}')", "", StringComparison.Ordinal);
}
