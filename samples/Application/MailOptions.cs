namespace Application;

/// <summary>The section <c>Mail</c> of the application's configuration.</summary>
internal sealed class MailOptions
{
    /// <summary>The domain whose mail is for the application.</summary>
    public string Domain { get; set; } = "example.org";

    /// <summary>The loopback port to listen on; 0 for a free one.</summary>
    public int Port { get; set; } = 2525;

    /// <summary>Where mail waits.</summary>
    public string Directory { get; set; } = "spool";
}
