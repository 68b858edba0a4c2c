namespace VioActors.Daemon.Lab;

/// <summary>A lab cannot be made, found or removed; the message names the thing and the next step.</summary>
internal sealed class LabException(string message, Exception? inner = null) : Exception(message, inner);
