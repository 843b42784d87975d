namespace SlimtaFast.Queue.Spam;

/// <summary>spamd could not be reached, or did not answer as it should.</summary>
internal sealed class SpamdException(string message, Exception? innerException = null) : Exception(message, innerException);
