namespace VioActors.Switch.DataPlane;

/// <summary>
/// Runs threads inside a network namespace. A thread that entered one never leaves it: it must be a dedicated thread,
/// not one of the pool.
/// </summary>
internal static class NetworkNamespace
{
    /// <summary>Moves the calling thread into a namespace.</summary>
    /// <param name="path">For example <c>/run/netns/a</c>.</param>
    public static void Enter(string path)
    {
        int fd = LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC);
        if (fd < 0)
            throw LibC.Failure($"open namespace {path}");
        int result = LibC.setns(fd, LibC.CLONE_NEWNET);
        SwitchIoException? failure = result < 0 ? LibC.Failure($"setns {path}") : null;
        _ = LibC.close(fd);
        if (failure is not null)
            throw failure;
    }

    /// <summary>Starts a dedicated background thread, inside a namespace when a path is given.</summary>
    /// <param name="name">Shown by debuggers.</param>
    /// <param name="path">Null: the namespace of the process.</param>
    /// <param name="body">Must handle its own exceptions; what escapes ends the process.</param>
    public static Thread Start(string name, string? path, Action body)
    {
        var thread = new Thread(() =>
        {
            if (path is not null)
                Enter(path);
            body();
        })
        { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }
}
