using SlimtaFast.Fuzz.Targets;

namespace SlimtaFast.Fuzz;

/// <summary>All targets. A new one is a class in targets/, a line here, a folder in corpora/ and a file in dictionaries/.</summary>
public static class FuzzTargets
{
    /// <summary>One of each.</summary>
    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new AuthenticationResultsTarget(),
        new ChunksTarget(),
        new ClientSessionTarget(),
        new CommandLineTarget(),
        new DataDifferentialTarget(),
        new DataTarget(),
        new EnvelopeHeadTarget(),
        new EnvelopeStateTarget(),
        new HeaderScannerTarget(),
        new HttpFieldsTarget(),
        new HttpReplyTarget(),
        new MailboxTarget(),
        new PipeCommandTarget(),
        new PipeOutputTarget(),
        new ProxyTarget(),
        new ReplyTarget(),
        new PathTarget(),
        new SaslTarget(),
        new ScramTarget(),
        new ServerDialogueTarget(),
        new ServerSessionTarget(),
        new SpamdReplyTarget(),
        new SpfRecordTarget(),
        new StuffingTarget(),
        new TlsRecordsTarget(),
        new XclientTarget(),
    ];

    /// <summary>The target of that name, or null.</summary>
    public static IFuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
