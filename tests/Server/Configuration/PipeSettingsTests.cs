using Microsoft.Extensions.Configuration;
using SlimtaFast.Relay;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class PipeSettingsTests
{
    [Fact]
    public void Command_behind_the_scheme_is_taken_whole()
    {
        ServeSettings settings = Read([new("Relay", "pipe:/bin/store '--where=a?b&c' -f {sender} {recipient}")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(["/bin/store", "--where=a?b&c", "-f", "{sender}", "{recipient}"], settings.Pipe.Command!.Words);
        Assert.Equal(20, settings.Pipe.Process.MaxProcesses);
        Assert.Equal(10, settings.Queue.HopInitialAttempts);
    }

    [Fact]
    public void Command_may_be_a_list_and_all_keys_are_read()
    {
        ServeSettings settings = Read(
            [
                new("Relay", "pipe:"), new("Pipe:Command:0", "cat"), new("Pipe:Command:1", "a, b"), new("Pipe:Timeout", "1m"), new("Pipe:KillDelay", "1s"),
                new("Pipe:MaxProcesses", "3"), new("Pipe:RecipientsPerProcess", "7"), new("Pipe:Directory", "/tmp"), new("Pipe:LineEnds", "crlf"),
                new("Pipe:Environment:0", "A=b=c, d"), new("Pipe:AddReturnPath", "true"), new("Pipe:IsFinal", "false"), new("Pipe:AllowLeadingHyphen", "true"),
                new("Pipe:TransientExitCodes", "67, 77"), new("Pipe:PermanentExitCodes:0", "1"), new("Pipe:ScratchDirectory", "/var/tmp"),
            ],
            out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(["cat", "a, b"], settings.Pipe.Command!.Words);
        PipeProcessOptions process = settings.Pipe.Process;
        Assert.Equal(TimeSpan.FromMinutes(1), process.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(1), process.KillDelay);
        Assert.Equal((3, 7, "/tmp", PipeLineEnds.CrLf), (process.MaxProcesses, process.RecipientsPerProcess, process.Directory, process.LineEnds));
        Assert.Equal("b=c, d", process.Environment["A"]);
        Assert.Equal((true, false, true, "/var/tmp"), (process.AddReturnPath, process.IsFinal, process.AllowLeadingHyphen, process.ScratchDirectory));
        Assert.Equal([67, 77], process.TransientExitCodes);
        Assert.Equal([1], process.PermanentExitCodes);
    }

    [Fact]
    public async Task Processes_bound_the_program_and_no_other_route()
    {
        ServeSettings settings = Read(
            [new("Relay", "maildrop:/bin/cat?processes=3000"), new("Routes:0:Domains", "other.example"), new("Routes:0:Relay", "smtp://127.0.0.1:25")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal((100, 10, 3000), (settings.Queue.HopMaxAttempts, settings.Queue.HopInitialAttempts, settings.Queue.MaxAttempts));
        await using IRelay relay = settings.Pipe.MakeRelay(settings.Relay, TimeProvider.System, loggers: null);
        Assert.Equal(3000, relay.GetMaxAttempts("box.example"));
    }

    [Fact]
    public void Ready_made_programs_have_a_path_and_a_number()
    {
        ServeSettings settings = Read([new("Relay", "maildrop:?processes=4"), new("Pipe:ExtraArguments:0", "-V9")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(RelayKind.Maildrop, settings.Relay.Kind);
        Assert.Equal((4, 100), (settings.Pipe.Process.MaxProcesses, settings.Queue.HopMaxAttempts));
        Assert.Equal(["-V9"], settings.Pipe.Extra);
        settings = Read([new("Relay", "dovecot-lda:/opt/lda")], out errors);
        Assert.Empty(errors);
        Assert.Equal((RelayKind.DovecotLda, "/opt/lda"), (settings.Relay.Kind, settings.Relay.Path));
    }

    [Theory]
    [InlineData("Relay", "pipe:/bin/x {nobody}", "", "", "Relay: there is no macro {nobody}; use {client.address}")]
    [InlineData("Relay", "pipe:", "", "", "Pipe:Command: no command is given")]
    [InlineData("Relay", "pipe:/bin/x", "Pipe:Command", "/bin/y", "Pipe:Command: the command stands behind pipe:")]
    [InlineData("Relay", "pipe:/bin/x", "Pipe:ExtraArguments", "-y", "Pipe:ExtraArguments: is for a relay by maildrop:")]
    [InlineData("Relay", "maildrop:", "Pipe:ExtraArguments", "{who}", "Pipe:ExtraArguments: there is no macro {who}")]
    [InlineData("Relay", "maildrop:", "Pipe:User", "no-such-user-here", "Pipe:User: there is no user 'no-such-user-here'; name one of this machine")]
    [InlineData("Relay", "dovecot-lda:", "Pipe:Group", "no-such-group-here", "Pipe:Group: there is no group 'no-such-group-here'")]
    public void Mistakes_are_told_with_the_key(string key, string value, string otherKey, string otherValue, string error)
    {
        List<KeyValuePair<string, string?>> given = [new(key, value)];
        if (otherKey.Length > 0)
            given.Add(new(otherKey, otherValue));
        Read([.. given], out IReadOnlyList<string> errors);
        Assert.StartsWith(error, Assert.Single(errors), StringComparison.Ordinal);
    }

    private static ServeSettings Read(KeyValuePair<string, string?>[] given, out IReadOnlyList<string> errors) =>
        ServeSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(given).Build(), out errors);
}
