using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>The one exception of this library: what was done to which domain, and libvirt's own words.</summary>
public sealed class LibvirtException : Exception
{
    internal LibvirtException(
        LibvirtFailure failure, CallName call, string reason, int code = 0, int nativeDomain = 0,
        Exception? inner = null)
        : base(Describe(call, reason, code, nativeDomain), inner)
    {
        Failure = failure;
        Operation = call.Operation;
        DomainId = call.Domain;
        Reason = reason;
        NativeCode = code;
        NativeDomain = nativeDomain;
    }

    /// <summary>Which kind of failure this is: decides whether to retry, reopen or give up.</summary>
    public LibvirtFailure Failure { get; }

    /// <summary>What was attempted, for example <c>migrate</c>.</summary>
    public string Operation { get; }

    /// <summary>The domain concerned, or null for calls about the host or the connection.</summary>
    public Guid? DomainId { get; }

    /// <summary>libvirt's message, or ours when libvirt was not reached; without operation and ids.</summary>
    public string Reason { get; }

    /// <summary>libvirt's <c>virErrorNumber</c>, or 0 when the failure is not libvirt's; see
    /// <see cref="LibvirtCode"/>.</summary>
    public int NativeCode { get; }

    /// <summary>libvirt's <c>virErrorDomain</c> (the part of libvirt that failed), or 0.</summary>
    public int NativeDomain { get; }

    /// <summary>True when libvirt says that the domain does not exist on this host.</summary>
    public bool IsNoSuchDomain => NativeCode == (int)LibvirtCode.NoDomain;

    private static string Describe(CallName call, string reason, int code, int nativeDomain)
    {
        var whom = call.Domain is { } id ? $" of domain {id}" : "";
        var origin = code == 0 ? "" : $" (libvirt code {code}, domain {nativeDomain})";
        return $"{call.Operation}{whom} failed: {reason}{origin}";
    }
}

/// <summary>Kinds of failure.</summary>
public enum LibvirtFailure
{
    /// <summary>libvirt refused or failed; the connection is fine.</summary>
    Native,

    /// <summary>The call did not return within its limit. If it had begun, the connection is broken: open a new one
    /// and observe before acting, because the call may still have its effect.</summary>
    Timeout,

    /// <summary>libvirtd is gone, does not answer, or the connection was closed: open a new one.</summary>
    ConnectionLost,

    /// <summary>Too many calls wait already; nothing was done. Retry later.</summary>
    Busy,

    /// <summary>The client library cannot be used in this process.</summary>
    LibraryMissing,
}

/// <summary>The native codes that callers decide on; others occur and are passed through as numbers.</summary>
public enum LibvirtCode
{
    /// <summary>The hypervisor driver does not support the call.</summary>
    NoSupport = 3,

    /// <summary>An argument is malformed.</summary>
    InvalidArgument = 8,

    /// <summary>The operation failed.</summary>
    OperationFailed = 9,

    /// <summary>The XML does not describe a valid domain.</summary>
    XmlError = 27,

    /// <summary>No such domain.</summary>
    NoDomain = 42,

    /// <summary>The domain's state forbids the operation.</summary>
    OperationInvalid = 55,

    /// <summary>The host lacks something the XML asks for (machine type, CPU model, device).</summary>
    ConfigUnsupported = 67,

    /// <summary>Another job of the domain did not end in time.</summary>
    OperationTimeout = 68,

    /// <summary>The job was aborted on request.</summary>
    OperationAborted = 78,
}
