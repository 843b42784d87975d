using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.RealNextHops;

/// <summary>A real Dovecot with a folder of its own that takes mail by LMTP for bob, whose mailbox is small, and for eve.</summary>
internal sealed class DovecotProgram : IAsyncDisposable
{
    private readonly RunningProgram _program;
    private readonly TemporaryFolder _folder;

    private DovecotProgram(RunningProgram program, TemporaryFolder folder, int port)
    {
        _program = program;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    public string Configuration => _folder["dovecot.conf"];

    public string Socket => _folder["lmtp.sock"];

    public static async Task<DovecotProgram> StartAsync()
    {
        var folder = new TemporaryFolder();
        int port = RunningProgram.FreePort();
        foreach (string name in new[] { "run", "state", "mail" })
            Directory.CreateDirectory(folder[name]);
        await File.WriteAllTextAsync(folder["users"], $"""
            bob:x:65534:65534::{folder["mail/bob"]}::
            eve:x:65534:65534::{folder["mail/eve"]}::userdb_quota_rule=*:storage=1M

            """);
        await File.WriteAllTextAsync(folder["dovecot.conf"], string.Create(CultureInfo.InvariantCulture, $$"""
            protocols = lmtp
            base_dir = {{folder["run"]}}
            state_dir = {{folder["state"]}}
            instance_name = slimtafast-test
            log_path = {{folder["dovecot.log"]}}
            ssl = no
            mail_location = maildir:{{folder["mail"]}}/%n
            mail_uid = nobody
            mail_gid = nogroup
            first_valid_uid = 1
            first_valid_gid = 1
            postmaster_address = postmaster@example.test
            auth_username_format = %Ln
            recipient_delimiter = +
            mail_plugins = quota
            plugin {
              quota = maildir:User
              quota_rule = *:storage=20k
              quota_grace = 0
              quota_exceeded_message = mailbox full
            }
            userdb {
              driver = passwd-file
              args = username_format=%Ln {{folder["users"]}}
            }
            passdb {
              driver = static
              args = nopassword=y
            }
            service lmtp {
              inet_listener lmtp {
                address = 127.0.0.1
                port = {{port}}
              }
              unix_listener {{folder["lmtp.sock"]}} {
                mode = 0666
              }
            }

            """));
        await RunningProgram.RunAsync("chown", ["nobody:nogroup", folder["mail"]]);
        RunningProgram program = RunningProgram.Start("/usr/sbin/dovecot", ["-F", "-c", folder["dovecot.conf"]]);
        await program.WaitForPortAsync(port, TimeSpan.FromSeconds(15));
        return new DovecotProgram(program, folder, port);
    }

    /// <summary>Waits for messages in a user's Maildir and returns them, with one char per octet.</summary>
    public async Task<IReadOnlyList<string>> WaitForMessagesAsync(string user, int count)
    {
        string log = _folder["dovecot.log"];
        IReadOnlyList<string> files = await MailFolder.WaitAsync(_folder[$"mail/{user}/new"], count, TimeSpan.FromSeconds(30), () => File.Exists(log) ? File.ReadAllText(log) : "");
        return [.. files.Select(MailFolder.Read)];
    }

    public async ValueTask DisposeAsync()
    {
        await _program.StopAsync();
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
