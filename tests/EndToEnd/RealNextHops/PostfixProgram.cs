using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.RealNextHops;

/// <summary>A real Postfix with a folder of its own that delivers <c>anybody@hop.test</c> into a Maildir.</summary>
internal sealed class PostfixProgram : IAsyncDisposable
{
    private readonly RunningProgram _program;
    private readonly TemporaryFolder _folder;

    private PostfixProgram(RunningProgram program, TemporaryFolder folder, int port)
    {
        _program = program;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    public static async Task<PostfixProgram> StartAsync()
    {
        var folder = new TemporaryFolder();
        int port = RunningProgram.FreePort();
        foreach (string name in new[] { "etc", "spool", "data", "log", "mail" })
            Directory.CreateDirectory(folder[name]);
        await File.WriteAllTextAsync(folder["etc/main.cf"], string.Create(CultureInfo.InvariantCulture, $"""
            compatibility_level = 3.6
            queue_directory = {folder["spool"]}
            data_directory = {folder["data"]}
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = mx.hop.test
            mydestination =
            mynetworks = 127.0.0.0/8
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            alias_maps =
            alias_database =
            disable_dns_lookups = yes
            smtpd_peername_lookup = no
            smtpd_relay_restrictions = permit_mynetworks, reject
            virtual_mailbox_domains = hop.test
            virtual_mailbox_base = {folder["mail"]}
            virtual_mailbox_maps = static:box/
            virtual_minimum_uid = 1
            virtual_uid_maps = static:65534
            virtual_gid_maps = static:65534
            maillog_file = {folder["log"]}/mail.log
            maillog_file_prefixes = {folder.Path}, /dev/stdout

            """));
        await File.WriteAllTextAsync(folder["etc/master.cf"], string.Create(CultureInfo.InvariantCulture, $"""
            127.0.0.1:{port} inet n - n - - smtpd
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            proxymap unix - - n - - proxymap
            virtual unix - n n - - virtual
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil
            postlog unix-dgram n - n - 1 postlogd

            """));
        await RunningProgram.RunAsync("chown", ["postfix", folder["data"]]);
        await RunningProgram.RunAsync("chown", ["nobody:nogroup", folder["mail"]]);
        await RunningProgram.RunAsync("postfix", ["-c", folder["etc"], "check"]);
        RunningProgram program = RunningProgram.Start("/usr/lib/postfix/sbin/master", ["-c", folder["etc"], "-d"]);
        await program.WaitForPortAsync(port, TimeSpan.FromSeconds(15));
        return new PostfixProgram(program, folder, port);
    }

    /// <summary>Waits for messages in the Maildir and returns them, with LF line ends and one char per octet.</summary>
    public async Task<IReadOnlyList<string>> WaitForMessagesAsync(int count, TimeSpan limit)
    {
        string log = _folder["log/mail.log"];
        IReadOnlyList<string> files = await MailFolder.WaitAsync(_folder["mail/box/new"], count, limit, () => File.Exists(log) ? File.ReadAllText(log) : "");
        return [.. files.Select(MailFolder.Read)];
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
