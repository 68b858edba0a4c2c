using System.Net;

namespace VioActors.Daemon.Cli;

/// <summary>A file as a request body that tells how far it is. Owns the stream.</summary>
internal sealed class FileContent : HttpContent
{
    private const int PieceBytes = 128 * 1024;
    private readonly FileStream _file;
    private readonly Action<long> _progress;

    /// <summary>Sends all of <paramref name="file"/>.</summary>
    public FileContent(FileStream file, Action<long> progress)
    {
        (_file, _progress) = (file, progress);
        Headers.ContentLength = file.Length;
        Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/octet-stream");
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var piece = new byte[PieceBytes];
        for (long sent = 0; ;)
        {
            var read = await _file.ReadAsync(piece, cancellationToken);
            if (read == 0) return;
            await stream.WriteAsync(piece.AsMemory(0, read), cancellationToken);
            _progress(sent += read);
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _file.Length;
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}
