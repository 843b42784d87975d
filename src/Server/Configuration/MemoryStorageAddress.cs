namespace SlimtaFast.Server.Configuration;

/// <summary><c>memory:</c>: queued mail does not survive the process.</summary>
internal sealed record MemoryStorageAddress : StorageAddress;
