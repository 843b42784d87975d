namespace SlimtaFast.TestKit.Load;

/// <summary>One client connection of a load. An end of the connection is an <see cref="IOException"/>.</summary>
internal interface ILoadConnection : IDisposable
{
    /// <summary>Sends a message; notes outcome and reply in it.</summary>
    Task SendAsync(LoadMessage message);

    /// <summary>Takes its leave.</summary>
    Task QuitAsync();
}
