using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.EndToEnd.Tests.Peers.Servers;

/// <summary>The installed Postfix, which authenticates by Cyrus SASL both ways.</summary>
/// <param name="mechanism">What it authenticates with to our server.</param>
/// <param name="offer">What it offers to us.</param>
internal sealed class PostfixPeerProgram(string mechanism, string offer) : PeerProgram
{
    /// <summary>What makes its users; <c>tests/peers</c> unpacks it.</summary>
    public const string UserProgram = "artifacts/peers/sasl/usr/sbin/saslpasswd2";

    public override string Log => base.Log + (File.Exists(Folder["log/mail.log"]) ? File.ReadAllText(Folder["log/mail.log"]) : "");

    protected override async Task<RunningProgram> RunAsync(PeerServer server)
    {
        foreach (string name in new[] { "etc", "data", "log", "etc/sasl" })
            Directory.CreateDirectory(Folder[name]);
        using X509Certificate2 certificate = server.Authority.Issue(PeerServer.Host);
        TestCertificates.WritePem(certificate, Folder["own.pem"]);
        string users = Folder["etc/sasl/users"];
        await File.WriteAllTextAsync(Folder["etc/sasl/smtpd.conf"], $"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {users}\nmech_list: {offer}\n");
        (int code, string output) = await RunningProgram.RunAsync(RepositoryTree.Find(UserProgram), ["-p", "-c", "-f", users, "-u", "hop.test", PeerServer.User], PeerServer.Password);
        Assert.True(code == 0, output);
        await File.WriteAllTextAsync(Folder["etc/main.cf"], Main(server));
        await File.WriteAllTextAsync(Folder["etc/master.cf"], Master(server));
        await OwnAsync("postfix", "data");
        await OwnAsync("postfix", "etc/sasl/users");
        (code, output) = await RunningProgram.RunAsync("postfix", ["-c", Folder["etc"], "check"]);
        Assert.True(code == 0, output);
        return RunningProgram.Start("/usr/lib/postfix/sbin/master", ["-c", Folder["etc"], "-d"]);
    }

    private string Main(PeerServer server) => string.Create(CultureInfo.InvariantCulture, $$"""
        compatibility_level = 3.6
        queue_directory = {{Folder["spool"]}}
        data_directory = {{Folder["data"]}}
        command_directory = /usr/sbin
        daemon_directory = /usr/lib/postfix/sbin
        mail_owner = postfix
        setgid_group = postdrop
        myhostname = mx.hop.test
        mydestination =
        mynetworks =
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        alias_maps =
        alias_database =
        disable_dns_lookups = yes
        smtpd_peername_lookup = no
        smtpd_relay_restrictions = permit_sasl_authenticated, reject
        smtpd_tls_security_level = encrypt
        smtpd_tls_auth_only = yes
        smtpd_tls_chain_files = {{Folder["own.pem"]}}
        smtpd_tls_received_header = yes
        smtpd_sasl_auth_enable = yes
        smtpd_sasl_local_domain = hop.test
        cyrus_sasl_config_path = {{Folder["etc/sasl"]}}
        virtual_mailbox_domains = hop.test
        virtual_mailbox_base = {{Folder.Path}}
        virtual_mailbox_maps = static:mail/
        virtual_minimum_uid = 1
        virtual_uid_maps = static:65534
        virtual_gid_maps = static:65534
        transport_maps = inline:{ { far.test = smtp:[{{PeerServer.Host}}]:{{server.StartTlsPort}} }, { implicit.test = smtps:[{{PeerServer.Host}}]:{{server.ImplicitTlsPort}} } }
        smtp_tls_security_level = secure
        smtp_tls_secure_cert_match = hostname
        smtp_tls_CAfile = {{server.AuthorityFile}}
        smtp_sasl_auth_enable = yes
        smtp_sasl_password_maps = static:{{PeerServer.User}}:{{PeerServer.Password}}
        smtp_sasl_security_options = noanonymous
        smtp_sasl_mechanism_filter = {{mechanism}}
        maillog_file = {{Folder["log"]}}/mail.log
        maillog_file_prefixes = {{Folder.Path}}, /dev/stdout

        """);

    private string Master(PeerServer server) => string.Create(CultureInfo.InvariantCulture, $"""
        127.0.0.1:{StartTlsPort} inet n - n - - smtpd
        127.0.0.1:{ImplicitTlsPort} inet n - n - - smtpd
         -o smtpd_tls_wrappermode=yes
        127.0.0.1:{IntakePort} inet n - n - - smtpd
         -o smtpd_tls_security_level=none -o mynetworks=127.0.0.0/8 -o smtpd_relay_restrictions=permit_mynetworks,reject
        smtp unix - - n - - smtp
        smtps unix - - n - - smtp
         -o smtp_tls_wrappermode=yes
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
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
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd

        """);
}
